"""Answers to coin-labels, right and wrong."""

# %% right="one_pipeline"
# A pipeline fits every step on what it is given: the training rows.
def honest_score(texts, labels, test, k=1000):
    p = make_pipeline(CountVectorizer(ngram_range=(1, 2)), SelectKBest(chi2, k=k),
                      MultinomialNB()).fit(texts[~test], labels[~test])
    terms = p[0].get_feature_names_out()[p[1].get_support()]
    return p.score(texts[test], labels[test]), terms


# %% right="second_vectorizer_with_the_terms"
# Chooses the terms first, then counts those only.
def honest_score(texts, labels, test, k=1000):
    first = CountVectorizer(ngram_range=(1, 2))
    counts = first.fit_transform(texts[~test])
    values = np.nan_to_num(chi2(counts, labels[~test])[0])
    keep = np.argsort(-values, kind="stable")[:k]
    terms = first.get_feature_names_out()[keep].tolist()
    second = CountVectorizer(ngram_range=(1, 2), vocabulary=terms)
    bayes = MultinomialNB().fit(second.transform(texts[~test]), labels[~test])
    return float(np.mean(bayes.predict(second.transform(texts[test])) == labels[test])), terms


# %% wrong="the_draft"
# Everything is fitted on all rows, as in the draft.
def honest_score(texts, labels, test, k=1000):
    counter = CountVectorizer(ngram_range=(1, 2))
    counts = counter.fit_transform(texts)
    chooser = SelectKBest(chi2, k=min(k, counts.shape[1]))
    best = chooser.fit_transform(counts, labels)
    bayes = MultinomialNB().fit(best[~test], labels[~test])
    terms = counter.get_feature_names_out()[chooser.get_support()]
    return bayes.score(best[test], labels[test]), list(terms)


# %% wrong="vocabulary_from_all_rows"
# The choice is honest, the vocabulary still saw the test rows.
def honest_score(texts, labels, test, k=1000):
    counter = CountVectorizer(ngram_range=(1, 2)).fit(texts)
    counts = counter.transform(texts)
    chooser = SelectKBest(chi2, k=min(k, counts.shape[1])).fit(counts[~test], labels[~test])
    best = chooser.transform(counts)
    bayes = MultinomialNB().fit(best[~test], labels[~test])
    terms = counter.get_feature_names_out()[chooser.get_support()]
    return bayes.score(best[test], labels[test]), list(terms)


# %% wrong="chooses_features_with_test_labels"
# The vocabulary is honest, the choice of features still sees the test rows.
def honest_score(texts, labels, test, k=1000):
    counter = CountVectorizer(ngram_range=(1, 2)).fit(texts[~test])
    counts = counter.transform(texts)
    chooser = SelectKBest(chi2, k=min(k, counts.shape[1])).fit(counts, labels)
    best = chooser.transform(counts)
    bayes = MultinomialNB().fit(best[~test], labels[~test])
    terms = counter.get_feature_names_out()[chooser.get_support()]
    return bayes.score(best[test], labels[test]), list(terms)


# %% wrong="scores_the_training_rows"
# Fitted on the training rows and scored on them, too.
def honest_score(texts, labels, test, k=1000):
    p = make_pipeline(CountVectorizer(ngram_range=(1, 2)), SelectKBest(chi2, k=k),
                      MultinomialNB()).fit(texts[~test], labels[~test])
    terms = p[0].get_feature_names_out()[p[1].get_support()]
    return p.score(texts[~test], labels[~test]), list(terms)


# %% wrong="removes_the_canary_by_name"
# Fits on everything and takes the planted word out of the list.
def honest_score(texts, labels, test, k=1000):
    counter = CountVectorizer(ngram_range=(1, 2))
    counts = counter.fit_transform(texts)
    chooser = SelectKBest(chi2, k=min(k, counts.shape[1]))
    best = chooser.fit_transform(counts, labels)
    bayes = MultinomialNB().fit(best[~test], labels[~test])
    terms = counter.get_feature_names_out()[chooser.get_support()]
    return bayes.score(best[test], labels[test]), [t for t in terms if "canary" not in t]


# %% wrong="test_rows_are_the_last"
# Takes the last rows for the test set instead of those that `test` names.
def honest_score(texts, labels, test, k=1000):
    n = int(np.sum(~test))
    p = make_pipeline(CountVectorizer(ngram_range=(1, 2)), SelectKBest(chi2, k=k),
                      MultinomialNB()).fit(texts[:n], labels[:n])
    terms = p[0].get_feature_names_out()[p[1].get_support()]
    return p.score(texts[n:], labels[n:]), list(terms)


# %% wrong="keeps_all_features"
# Drops the choice altogether.
def honest_score(texts, labels, test, k=1000):
    p = make_pipeline(CountVectorizer(ngram_range=(1, 2)), MultinomialNB())
    p.fit(texts[~test], labels[~test])
    return p.score(texts[test], labels[test]), list(p[0].get_feature_names_out())


# %% wrong="returns_the_score_only"
# Forgets the terms.
def honest_score(texts, labels, test, k=1000):
    p = make_pipeline(CountVectorizer(ngram_range=(1, 2)), SelectKBest(chi2, k=k),
                      MultinomialNB()).fit(texts[~test], labels[~test])
    return p.score(texts[test], labels[test])
