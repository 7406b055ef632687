"""The one road to a run: policy is asked, the answer recorded, what goes out is signed."""
