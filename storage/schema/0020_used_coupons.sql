-- What was used of each campaign is counted from this alone, however many coupons are out.
CREATE INDEX coupons_used ON coupons (campaign_id) WHERE state = 'used';
