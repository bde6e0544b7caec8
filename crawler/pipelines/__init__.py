"""From what was seen to what is kept: judge, prove, store. The only crawler files that know
classifiers and storage."""
