"""The `junit` format: JUnit XML with one suite per file and one failure per finding.

It has all attributes and elements that the strict schemas (of Ant, as published by Windy Road, and of Jenkins) require, and no others:
https://github.com/windyroad/JUnit-Schema
"""

from __future__ import annotations

from itertools import groupby
from xml.etree.ElementTree import Element, SubElement, indent, tostring

from surfacelint.model.findings import Finding, Report
from surfacelint.reporters.locations import details, headline, place
from surfacelint.suppressions.matching import NOT_CHECKED
from surfacelint.system.printable_text import one_line

TOOL = "surfacelint"

_NO_TIME = "1970-01-01T00:00:00"
"""The required time of a suite, which findings do not have: the same code has the same report."""


def junit(report: Report, *, colour: bool = False, links: bool = False) -> str:
    """Return the XML document. A run without findings contains one passing case, because viewers hide empty suites."""
    root = Element("testsuites")
    for path, findings in groupby(report.findings, key=lambda finding: finding.location.path):
        _cases(_suite(root, path), list(findings))
    if report.errors or not report.findings:
        suite = _suite(root, TOOL)
        for error in report.errors:
            case = SubElement(suite, "testcase", name=one_line(error), classname=TOOL, time="0")
            SubElement(case, "error", type="error", message=one_line(error))
        if not report.errors:
            SubElement(suite, "testcase", name="no findings", classname=TOOL, time="0")
    _count(root)
    indent(root)
    return f'<?xml version="1.0" encoding="utf-8"?>\n{tostring(root, encoding="unicode")}\n'


def _suite(root: Element, name: str) -> Element:
    suite = SubElement(root, "testsuite", name=one_line(name), package=one_line(name), id=str(len(root)))
    suite.attrib.update(hostname="localhost", time="0", timestamp=_NO_TIME)
    return suite


def _cases(suite: Element, findings: list[Finding]) -> None:
    for finding in findings:
        location = finding.location
        name = one_line(f"{finding.rule.code} {place(location).removeprefix(f'{location.path}:')}")
        case = SubElement(suite, "testcase", name=name, classname=one_line(location.path), time="0")
        kind = "error" if finding.rule.code == NOT_CHECKED else "failure"
        failure = SubElement(case, kind, type=finding.rule.code, message=one_line(finding.message))
        failure.text = "\n".join(one_line(line) for line in (headline(finding), *details(finding)))


def _count(root: Element) -> None:
    for element in root.findall("testsuite"):
        cases = list(element.iter("testcase"))
        for name, tag in (("failures", "failure"), ("errors", "error")):
            element.set(name, str(sum(case.find(tag) is not None for case in cases)))
        element.set("tests", str(len(cases)))
        SubElement(element, "system-out")
        SubElement(element, "system-err")
