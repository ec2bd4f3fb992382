"""Building blocks of the workbench; the pages themselves are in apps/workbench."""
