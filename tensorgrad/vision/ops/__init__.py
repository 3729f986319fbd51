"""Operations on boxes and regions of images."""
