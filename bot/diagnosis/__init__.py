"""What ``zhaohu doctor`` looks at: each check tells what it found and, when something is wrong, what to do."""
