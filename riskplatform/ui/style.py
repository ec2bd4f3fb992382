"""The style sheet: what Streamlit's own theme options do not reach. Text of the user never here."""

from __future__ import annotations

from riskplatform.reporting import palette

_RULES = """
#MainMenu, [data-testid="stAppDeployButton"], [data-testid="stDecoration"],
[data-testid="stStatusWidget"], footer { display: none !important; }
[data-testid="stHeader"] { height: 0; min-height: 0; background: transparent; }
[data-testid="stExpandSidebarButton"] { margin-top: 1.2rem; }
[data-testid="stMainBlockContainer"] { padding: 1.1rem 1.75rem 2rem; max-width: 1760px; }
[data-testid="stMain"] { font-variant-numeric: tabular-nums; }
[data-testid="stSidebarHeader"] { padding: 1.1rem 1.1rem .4rem; height: auto; }
[data-testid="stNavSectionHeader"] { font-size: .72rem; letter-spacing: .06em;
  text-transform: uppercase; color: var(--rp-muted); }
[data-testid="stSidebar"] { min-width: 208px; max-width: 208px; }
[data-testid="stElementToolbar"] { opacity: .55; }
h1.rp { font-size: 1.45rem; font-weight: 600; margin: 0; padding: 0; color: var(--rp-ink);
  letter-spacing: -.01em; line-height: 1.25; }
h2.rp { font-size: .95rem; font-weight: 600; margin: .2rem 0 0; padding: 0; color: var(--rp-ink);
  display: flex; flex-wrap: wrap; align-items: baseline; gap: 0 .6rem; }
h2.rp span { font-size: .78rem; font-weight: 400; color: var(--rp-muted); }
.st-key-path button { min-height: 1.4rem; padding: 0; }
.st-key-path button p { font-size: .84rem; color: var(--rp-muted); }
.st-key-path button:hover p { color: var(--rp-accent); }
.st-key-path button:disabled p { color: var(--rp-ink) !important; }
[data-testid="stSidebarUserContent"] { padding: .4rem .75rem; }
[data-testid="stSidebar"] .rp-facts { font-size: .76rem; grid-template-columns: 1fr; gap: 0; }
[data-testid="stSidebar"] .rp-facts dd { padding-bottom: .45rem; }
[data-testid="stSidebarLogo"] { height: 26px; max-width: 170px; margin: 0; }
.rp-cards { display: flex; flex-wrap: wrap;
  border: 1px solid var(--rp-line); border-radius: 4px; overflow: hidden; }
.rp-card { flex: 1 1 auto; padding: .6rem .85rem .55rem; min-width: 0; margin: 0 -1px -1px 0;
  border: solid var(--rp-line); border-width: 0 1px 1px 0; }
.rp-card .label { font-size: .74rem; color: var(--rp-muted); white-space: nowrap; }
.rp-card .figure { font-size: 1.32rem; font-weight: 600; color: var(--rp-ink); line-height: 1.3;
  white-space: nowrap; letter-spacing: -.01em; }
.rp-card .figure small { font-size: .78rem; font-weight: 500; color: var(--rp-muted);
  letter-spacing: 0; }
.rp-card .note { font-size: .76rem; color: var(--rp-muted); white-space: nowrap; overflow: hidden;
  text-overflow: ellipsis; }
.rp-gain { color: var(--rp-gain) !important; }
.rp-loss { color: var(--rp-loss) !important; }
.rp-caution { color: var(--rp-caution) !important; }
.rp-provenance { border-top: 1px solid var(--rp-line); padding-top: .55rem; font-size: .76rem;
  color: var(--rp-muted); display: flex; flex-wrap: wrap; gap: .2rem 1.4rem; }
.rp-provenance b { font-weight: 500; color: var(--rp-ink); }
.rp-facts { margin: 0; padding: 0 !important; display: grid; grid-template-columns: auto 1fr;
  gap: .1rem 1rem; font-size: .84rem; }
.rp-facts dt { color: var(--rp-muted); }
.rp-facts dd { margin: 0; color: var(--rp-ink); overflow-wrap: anywhere; }
.rp-steps { counter-reset: step; display: grid; gap: .6rem; max-width: 860px; }
.rp-step { border: 1px solid var(--rp-line); border-radius: 4px; padding: .75rem 1rem;
  display: grid; grid-template-columns: 1.9rem 1fr auto; gap: .2rem .6rem; align-items: baseline; }
.rp-step .number { font-size: 1.05rem; font-weight: 600; color: var(--rp-accent); }
.rp-step .title { font-weight: 600; }
.rp-step .text { grid-column: 2; color: var(--rp-muted); font-size: .86rem; }
.rp-step code { grid-column: 2; font-size: .8rem; background: var(--rp-wash); padding: .25rem .5rem;
  border-radius: 3px; color: var(--rp-ink); overflow-wrap: anywhere; }
.rp-step .state { font-size: .78rem; color: var(--rp-muted); white-space: nowrap; }
"""


def style_sheet() -> str:
    """The rules and the palette as an element for ``st.html``."""
    names = ("ink", "muted", "faint", "line", "wash", "accent", "gain", "loss", "caution")
    colours = "".join(f"--rp-{name}:{getattr(palette, name.upper())};" for name in names)
    return f"<style>:root{{{colours}}}{_RULES}</style>"
