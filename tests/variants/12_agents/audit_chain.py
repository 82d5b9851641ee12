"""Answers to audit-chain, right and wrong."""


# %% right="rebuilds_and_compares"
# intact rebuilds the whole log with append and compares.
def append(log, key, entry):
    before = log[-1]["mac"] if len(log) else ""
    made = hmac.new(key, digestmod=hashlib.sha256)
    made.update(before.encode() + b"\n" + entry.encode())
    return [*log, dict(entry=entry, mac=made.hexdigest())]


def intact(log, key, head):
    again = []
    for record in log:
        if not isinstance(record.get("entry"), str):
            return False
        again = append(again, key, record["entry"])
    last = again[-1]["mac"] if again else ""
    return list(log) == again and last == head


# %% right="step_by_step"
# Checks shape, then mac, record by record.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}\n{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    before = ""
    for record in log:
        if sorted(record) != ["entry", "mac"]:
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"{before}\n{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(want.encode(), mac.encode()):
            return False
        before = mac
    return before == head


# %% wrong="head_ignored"
# Never looks at the head: the end can be cut off.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}\n{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    before = ""
    for record in log:
        if sorted(record) != ["entry", "mac"]:
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"{before}\n{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(want.encode(), mac.encode()):
            return False
        before = mac
    return True


# %% wrong="no_chain"
# Each mac covers its own entry only: records can be swapped or removed.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"\n{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    before = ""
    for record in log:
        if sorted(record) != ["entry", "mac"]:
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"\n{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(want.encode(), mac.encode()):
            return False
        before = mac
    return before == head


# %% wrong="no_key"
# A plain checksum chain, which anybody can rebuild.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}\n{entry}"
    made = hashlib.sha256(text.encode()).hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    before = ""
    for record in log:
        if sorted(record) != ["entry", "mac"]:
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"{before}\n{entry}"
        want = hashlib.sha256(text.encode()).hexdigest()
        if not hmac.compare_digest(want.encode(), mac.encode()):
            return False
        before = mac
    return before == head


# %% wrong="only_the_last_mac"
# Compares the last mac with the head and works nothing out.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}\n{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    before = ""
    for record in log:
        if sorted(record) != ["entry", "mac"]:
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"{before}\n{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        before = mac
    return before == head


# %% wrong="changes_the_old_log"
# Appends to the list that it was given.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}\n{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    log.append({"entry": entry, "mac": made})
    return log


def intact(log, key, head):
    before = ""
    for record in log:
        if sorted(record) != ["entry", "mac"]:
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"{before}\n{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(want.encode(), mac.encode()):
            return False
        before = mac
    return before == head


# %% wrong="trusts_the_stored_chain"
# Compares macs of neighbours with the recomputed text of the last one only.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}\n{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    before = ""
    for record in log:
        if sorted(record) != ["entry", "mac"]:
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"{before}\n{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        if record is log[-1] and want != mac:
            return False
        before = mac
    return before == head


# %% wrong="raises_on_damage"
# Stops with an error where a record is damaged.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}\n{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    before = ""
    for record in log:
        entry, mac = record["entry"], record["mac"]
        text = f"{before}\n{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(want.encode(), mac.encode()):
            return False
        before = mac
    return before == head


# %% wrong="empty_log_is_fine"
# Says yes to an empty log, whatever the head.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}\n{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    if not log:
        return True
    before = ""
    for record in log:
        if sorted(record) != ["entry", "mac"]:
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"{before}\n{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(want.encode(), mac.encode()):
            return False
        before = mac
    return before == head


# %% wrong="no_line_end"
# Glues the mac and the entry together without the line end.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    before = ""
    for record in log:
        if sorted(record) != ["entry", "mac"]:
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"{before}{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(want.encode(), mac.encode()):
            return False
        before = mac
    return before == head


# %% wrong="extra_fields_pass"
# Looks only at the two fields that it knows.
def append(log, key, entry):
    before = log[-1]["mac"] if log else ""
    text = f"{before}\n{entry}"
    made = hmac.new(key, text.encode(), "sha256").hexdigest()
    return log + [{"entry": entry, "mac": made}]


def intact(log, key, head):
    before = ""
    for record in log:
        if not {"entry", "mac"} <= set(record):
            return False
        entry, mac = record["entry"], record["mac"]
        if not isinstance(entry, str) or not isinstance(mac, str):
            return False
        text = f"{before}\n{entry}"
        want = hmac.new(key, text.encode(), "sha256").hexdigest()
        if not hmac.compare_digest(want.encode(), mac.encode()):
            return False
        before = mac
    return before == head
