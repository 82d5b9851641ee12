"""Who answers behind `llm()` and `embedder()` when it is not the course's own model.

choice.py reads what the learner asked for (COURSE_LLM, COURSE_EMBEDDER, COURSE_ENGINE); base.py
says what every engine offers; causal.py is a language model in torch, the default's class too;
checkpoint.py loads other ones and encoders; remote.py speaks to an OpenAI-compatible address;
llamacpp.py runs llama.cpp; bench.py measures them. Optional packages load only when chosen.
"""
