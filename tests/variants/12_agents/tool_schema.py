"""Answers to tool-schema, right and wrong."""

# %% right="type_hints"
# Reads the annotations and the count of defaults instead of a signature.
def schema_of(function):
    code = function.__code__
    names = [n for n in code.co_varnames[:code.co_argcount] if n != "self"]
    defaults = len(function.__defaults__ or ())
    doc = inspect.cleandoc(function.__doc__ or "").split("\n")[0]
    return {"name": function.__name__, "description": doc, "input_schema": {
        "type": "object",
        "properties": {n: {"type": JSON_TYPES[function.__annotations__[n]]}
                       for n in names},
        "required": names[:len(names) - defaults]}}


# %% right="loop"
# Fills the two parts in a loop; required is a tuple made late.
def schema_of(function):
    properties, required = {}, []
    for name, p in inspect.signature(function).parameters.items():
        kind = {"str": "string", "int": "integer", "float": "number",
                "bool": "boolean"}[p.annotation.__name__]
        properties[name] = dict(type=kind)
        if p.default is p.empty:
            required.append(name)
    doc = inspect.getdoc(function)
    return dict(name=function.__name__,
                description=doc.split("\n")[0] if doc else "",
                input_schema=dict(type="object", properties=properties,
                                  required=tuple(required)))


# %% wrong="everything_required"
# Requires parameters that have a default.
def schema_of(function):
    parameters = inspect.signature(function).parameters.values()
    lines = (inspect.getdoc(function) or "").splitlines()
    return {"name": function.__name__,
            "description": lines[0] if lines else "",
            "input_schema": {
                "type": "object",
                "properties": {p.name: {"type": JSON_TYPES[p.annotation]}
                               for p in parameters},
                "required": [p.name for p in parameters]}}


# %% wrong="result_is_a_parameter"
# Takes all annotations, the type of the result among them.
def schema_of(function):
    hints = function.__annotations__
    lines = (inspect.getdoc(function) or "").splitlines()
    defaults = len(function.__defaults__ or ())
    return {"name": function.__name__,
            "description": lines[0] if lines else "",
            "input_schema": {
                "type": "object",
                "properties": {n: {"type": JSON_TYPES[h]}
                               for n, h in hints.items()},
                "required": list(hints)[:len(hints) - defaults]}}


# %% wrong="whole_docstring"
# Sends all paragraphs of the docstring.
def schema_of(function):
    parameters = inspect.signature(function).parameters.values()
    return {"name": function.__name__,
            "description": inspect.getdoc(function) or "",
            "input_schema": {
                "type": "object",
                "properties": {p.name: {"type": JSON_TYPES[p.annotation]}
                               for p in parameters},
                "required": [p.name for p in parameters
                             if p.default is inspect.Parameter.empty]}}


# %% wrong="falsy_default_is_none"
# Takes a default of 0, False or "" for no default at all.
def schema_of(function):
    parameters = inspect.signature(function).parameters.values()
    lines = (inspect.getdoc(function) or "").splitlines()
    return {"name": function.__name__,
            "description": lines[0] if lines else "",
            "input_schema": {
                "type": "object",
                "properties": {p.name: {"type": JSON_TYPES[p.annotation]}
                               for p in parameters},
                "required": [p.name for p in parameters
                             if not p.default
                             or p.default is inspect.Parameter.empty]}}


# %% wrong="everything_is_text"
# Calls every type a string.
def schema_of(function):
    parameters = inspect.signature(function).parameters.values()
    lines = (inspect.getdoc(function) or "").splitlines()
    return {"name": function.__name__,
            "description": lines[0] if lines else "",
            "input_schema": {
                "type": "object",
                "properties": {p.name: {"type": "string"} for p in parameters},
                "required": [p.name for p in parameters
                             if p.default is inspect.Parameter.empty]}}


# %% wrong="names_of_python"
# Writes str and int, which no other language knows.
def schema_of(function):
    parameters = inspect.signature(function).parameters.values()
    lines = (inspect.getdoc(function) or "").splitlines()
    return {"name": function.__name__,
            "description": lines[0] if lines else "",
            "input_schema": {
                "type": "object",
                "properties": {p.name: {"type": p.annotation.__name__}
                               for p in parameters},
                "required": [p.name for p in parameters
                             if p.default is inspect.Parameter.empty]}}


# %% wrong="first_line_of_raw_docstring"
# A docstring that begins on its second line has an empty first one.
def schema_of(function):
    parameters = inspect.signature(function).parameters.values()
    lines = (function.__doc__ or "").splitlines()
    return {"name": function.__name__,
            "description": lines[0].strip() if lines else "",
            "input_schema": {
                "type": "object",
                "properties": {p.name: {"type": JSON_TYPES[p.annotation]}
                               for p in parameters},
                "required": [p.name for p in parameters
                             if p.default is inspect.Parameter.empty]}}


# %% wrong="none_is_no_default"
# Takes a parameter for required when its default is None.
def schema_of(function):
    parameters = inspect.signature(function).parameters.values()
    lines = (inspect.getdoc(function) or "").splitlines()
    return {"name": function.__name__,
            "description": lines[0] if lines else "",
            "input_schema": {
                "type": "object",
                "properties": {p.name: {"type": JSON_TYPES[p.annotation]}
                               for p in parameters},
                "required": [p.name for p in parameters
                             if p.default in (inspect.Parameter.empty, None)]}}
