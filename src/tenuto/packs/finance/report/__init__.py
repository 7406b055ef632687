"""What the reports of all finance packs are made with; equal content gives equal bytes."""
