"""What runs by itself: jobs, when they are due, how they ended, and a run by hand."""

from riskplatform.ui import jobs
from riskplatform.ui.frame import current_page
from riskplatform.ui.problems import guarded

with guarded():
    jobs.page_of(current_page().version.folder)
