"""Words in names that tell the nature of a loop where data flow ends: comparisons of models, and small collections."""

from __future__ import annotations

from surfacelint.system.records import record


@record(frozen=True, slots=True)
class ComparisonHints:
    """Names that indicate a comparison of models or parameters.

    A loop target in `names`, or a keyword in `keywords`, varies the model or one of its parameters, not the data. So
    does a loop over a name that contains one of `words`. Names in `variants` hold all that varies between two ways to
    ask the same, and so perhaps a part of the prompt. `numbers` are keywords that set an amount or the sampling, so
    that they carry nothing from earlier answers. `delivery` are keywords that say how a request is sent and answered:
    next to them, `**body` may still hold all of the input.
    """

    keywords: tuple[str, ...] = ()
    names: tuple[str, ...] = ()
    words: tuple[str, ...] = ()
    variants: tuple[str, ...] = ()
    numbers: tuple[str, ...] = ()
    delivery: tuple[str, ...] = ()


@record(frozen=True, slots=True)
class SmallCollectionHints:
    """Names and paths that indicate a small collection. `names` and `samples` are last words of names.

    - `names`: collections of the parts of one answer or the hits of one search. `samples`: the parts of one dataset sample.
    - `facets`: collections for each entry of which an item of the data is asked about, such as languages and criteria.
    - `answer_keywords`: keywords that take the class into which an answer is parsed.
    - `typed`: paths of objects that hold command line options. `options`: paths that declare a parameter as an option.
    - `files`: words in options that name files, which a shell expands to many. `file_types`: paths of the types of such options.
    - `page_sizes`: keywords by which a request for a list says how many entries it wants. `queries`: keywords of requests for dicts
      with such entries.
    - `nodes`: paths that make a function a node of a graph, which passes a state from node to node.
    - `tools`, `tool_keywords`: decorators, and keywords of requests, that make a function a tool. A tool gets its arguments
      from the model.
    """

    names: tuple[str, ...] = ()
    samples: tuple[str, ...] = ()
    facets: tuple[str, ...] = ()
    answer_keywords: tuple[str, ...] = ()
    typed: tuple[str, ...] = ()
    options: tuple[str, ...] = ()
    page_sizes: tuple[str, ...] = ()
    queries: tuple[str, ...] = ()
    files: tuple[str, ...] = ()
    file_types: tuple[str, ...] = ()
    nodes: tuple[str, ...] = ()
    tools: tuple[str, ...] = ()
    tool_keywords: tuple[str, ...] = ()
