"""Another team's till: what it takes to sell, to follow the stock, and to follow orders."""
