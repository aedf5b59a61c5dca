"""One module a family of cases: ADAPTERS by type, each feeding a case's input to the product's own code."""
