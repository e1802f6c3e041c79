"""All the Chinese-language knowledge in one room: normalisation, the platform's length rule, segmentation, slots."""
