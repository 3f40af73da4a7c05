"""The deposit: code, cards, allowed data, published results and what others need to cite and run them (`package`)."""
