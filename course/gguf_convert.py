"""From a GGUF file of the llama family to a folder that transformers loads.

GGUF keeps the weights quantised (here Q4_1 and Q8_0) with the tokenizer beside them. We read it
once with the `gguf` package and write float32 safetensors, config.json and tokenizer files.
transformers can read GGUF too, but needs one package more for it, takes several times as long,
and cuts text before digits in another way than the model's own tokenizer does.
"""

import json
from pathlib import Path

from course.paths import CourseError

_SPECIAL = 3  # GGUF's token type "control"
_BLOCK = {  # GGUF name within a block -> transformers name within a layer
    "attn_norm": "input_layernorm", "ffn_norm": "post_attention_layernorm",
    "attn_q": "self_attn.q_proj", "attn_k": "self_attn.k_proj", "attn_v": "self_attn.v_proj",
    "attn_output": "self_attn.o_proj", "ffn_gate": "mlp.gate_proj", "ffn_up": "mlp.up_proj",
    "ffn_down": "mlp.down_proj",
}
_TOP = {"token_embd": "model.embed_tokens", "output_norm": "model.norm", "output": "lm_head"}


def convert(source: Path, folder: Path, report=lambda done, total: None) -> None:
    """Write the model in `source` (GGUF) into `folder` (existing, empty).

    report(done, total) is called with bytes of weights written so far and in all.
    Raises CourseError when the file is not a GGUF file of the llama family.
    """
    import gguf

    try:
        reader = gguf.GGUFReader(source)
    except (OSError, ValueError, IndexError) as error:
        raise CourseError(f"{source} is not a readable GGUF file ({error}): "
                          "delete it and run `python -m course.setup`.") from None
    fields = {name: field.contents() for name, field in reader.fields.items()}
    if fields.get("general.architecture") != "llama" or \
            fields.get("tokenizer.ggml.pre") != "smollm":
        raise CourseError(f"{source} holds another kind of model than SmolLM: "
                          "only that one can be converted.")
    config = model_config(fields, tied=all(t.name != "output.weight" for t in reader.tensors))
    _write(folder / "config.json", config)
    _write(folder / "generation_config.json", {
        "bos_token_id": config["bos_token_id"], "eos_token_id": config["eos_token_id"],
        "pad_token_id": config["pad_token_id"]})
    write_tokenizer(fields, folder)
    write_weights(reader.tensors, config, folder / "model.safetensors", report)


def model_config(fields: dict, tied: bool) -> dict:
    """config.json of a LlamaForCausalLM from GGUF's key-value fields."""
    def value(name):
        return fields["llama." + name]

    heads = value("attention.head_count")
    return {
        "architectures": ["LlamaForCausalLM"], "model_type": "llama",
        "hidden_size": value("embedding_length"), "num_hidden_layers": value("block_count"),
        "intermediate_size": value("feed_forward_length"), "num_attention_heads": heads,
        "num_key_value_heads": value("attention.head_count_kv"),
        "head_dim": value("embedding_length") // heads,
        "max_position_embeddings": value("context_length"), "vocab_size": value("vocab_size"),
        "rms_norm_eps": float(f"{value('attention.layer_norm_rms_epsilon'):.6g}"),
        "rope_theta": value("rope.freq_base"),
        "hidden_act": "silu", "attention_bias": False, "mlp_bias": False,
        "tie_word_embeddings": tied, "dtype": "float32",
        "bos_token_id": fields["tokenizer.ggml.bos_token_id"],
        "eos_token_id": fields["tokenizer.ggml.eos_token_id"],
        "pad_token_id": fields["tokenizer.ggml.padding_token_id"],
    }


def write_tokenizer(fields: dict, folder: Path) -> None:
    """tokenizer.json, tokenizer_config.json and the chat template."""
    names, kinds = fields["tokenizer.ggml.tokens"], fields["tokenizer.ggml.token_type"]
    special = [name for name, kind in zip(names, kinds) if kind == _SPECIAL]
    merges = [tuple(merge.split(" ")) for merge in fields["tokenizer.ggml.merges"]]
    build_tokenizer(names, merges, special).save(str(folder / "tokenizer.json"))

    def token(kind):
        return names[fields[f"tokenizer.ggml.{kind}_token_id"]]

    _write(folder / "tokenizer_config.json", {
        "tokenizer_class": "PreTrainedTokenizerFast", "bos_token": token("bos"),
        "eos_token": token("eos"), "unk_token": token("unknown"), "pad_token": token("padding"),
        "model_max_length": fields["llama.context_length"], "add_bos_token": False,
        "add_prefix_space": False, "clean_up_tokenization_spaces": False,
        "chat_template": fields["tokenizer.chat_template"]})


def build_tokenizer(names: list[str], merges: list[tuple[str, str]], special: list[str]):
    """The byte-level BPE of SmolLM as a `tokenizers.Tokenizer`.

    names: token strings in the byte alphabet, index = id. Every digit is a piece of its own,
    cut off *before* words and spaces are: "a  1" is a, two spaces, 1.
    """
    from tokenizers import AddedToken, Tokenizer, decoders, models, pre_tokenizers

    bpe = models.BPE(vocab={name: place for place, name in enumerate(names)}, merges=merges)
    tokenizer = Tokenizer(bpe)
    tokenizer.pre_tokenizer = pre_tokenizers.Sequence([
        pre_tokenizers.Digits(individual_digits=True),
        pre_tokenizers.ByteLevel(add_prefix_space=False, use_regex=True)])
    tokenizer.decoder = decoders.ByteLevel()
    tokenizer.add_special_tokens([AddedToken(name, special=True, normalized=False)
                                  for name in special])
    return tokenizer


def write_weights(tensors, config: dict, path: Path, report) -> None:
    """All weights as float32 safetensors, one after another: memory holds one copy of one tensor
    beside the file being written."""
    import gguf
    import numpy as np

    plan = [(hf_name(tensor.name), tensor) for tensor in tensors]
    header, end = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in plan:
        size = 4 * int(np.prod(tensor.shape))
        header[name] = {"dtype": "F32", "shape": [int(n) for n in reversed(tensor.shape)],
                        "data_offsets": [end, end + size]}
        end += size
    head = json.dumps(header, separators=(",", ":")).encode("utf-8")
    head += b" " * (-len(head) % 8)
    done = 0
    with open(path, "wb") as file:
        file.write(len(head).to_bytes(8, "little") + head)
        for name, tensor in plan:
            values = gguf.dequantize(tensor.data, tensor.tensor_type)
            values = values.reshape(header[name]["shape"])
            for part, heads in (("q_proj", "num_attention_heads"),
                                ("k_proj", "num_key_value_heads")):
                if part in name:
                    values = unpermute(values, config[heads])
            done += file.write(np.ascontiguousarray(values, dtype="<f4").data.cast("B"))
            report(done, end)


def hf_name(name: str) -> str:
    """"blk.3.attn_q.weight" -> "model.layers.3.self_attn.q_proj.weight"."""
    parts = name.split(".")
    if parts[0] == "blk":
        return f"model.layers.{parts[1]}.{_BLOCK[parts[2]]}.{parts[3]}"
    return f"{_TOP[parts[0]]}.{parts[1]}"


def unpermute(weight, heads: int):
    """Undo GGUF's order of the rotary dimensions: pairs (0,1),(2,3).. back to halves.

    weight: (heads * head_dim, inputs), rows of q_proj or k_proj.
    """
    half = weight.shape[0] // heads // 2
    return weight.reshape(heads, half, 2, -1).swapaxes(1, 2).reshape(weight.shape)


def _write(path: Path, value: dict) -> None:
    with open(path, "w", encoding="utf-8", newline="\n") as file:
        json.dump(value, file, indent=1, ensure_ascii=False)
