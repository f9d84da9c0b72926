"""The same pages, as other programs make a site of them."""
