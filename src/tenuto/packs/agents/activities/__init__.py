"""The acts of an agent: opening its toolbox, asking its model, writing down what it did."""
