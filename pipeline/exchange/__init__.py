"""Files of other tools: what one brings (``bundle``), how a study takes it in (``importing``), what it keeps."""
