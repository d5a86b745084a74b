-- What was answered to the other wish of the same message, as JSON, said together with the answer that is looked up; emptied once it is said.
ALTER TABLE late_replies ADD COLUMN beside TEXT NOT NULL DEFAULT '';
