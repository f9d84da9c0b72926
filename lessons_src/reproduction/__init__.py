"""What the page on the published results shows: the record, the judgements, the sources' words."""
