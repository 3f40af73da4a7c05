"""What each exhibit shows, in one sentence made of the results, with the threshold that it rests on."""
