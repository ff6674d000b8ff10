"""Untrained sentence-transformers models of two layers, each unlike the default in one way, made in a second."""

from dataclasses import dataclass

SIZE = 32
MEAN = ("mean",)


@dataclass(frozen=True)
class Kind:
    """What a model is like.

    Attributes:
        architecture: As transformers names it.
        pooling: Modes of the pooling layer.
        dense: Dimension of a Dense layer on top; none at 0.
        longest: Tokens of the longest text.
        prompt: Put before every text.
        lowers: Texts are lowered before they are tokenised.
    """

    architecture: str = "bert"
    pooling: tuple[str, ...] = MEAN
    dense: int = 0
    longest: int = 64
    prompt: str = ""
    lowers: bool = False


def save_model(folder, kind):
    """Save a model of a kind; its tokens are bytes."""
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.sentence_transformer.modules import Dense, Pooling, Transformer

    torch.manual_seed(3)
    source = folder.with_name(f"{folder.name}-source")
    save_tokenizer(source)
    body_of(kind).save_pretrained(source)
    body = Transformer(str(source), max_seq_length=kind.longest, do_lower_case=kind.lowers)
    modules = [body, Pooling(SIZE, kind.pooling)]
    if kind.dense:
        modules.append(Dense(SIZE * len(kind.pooling), kind.dense))
    prompts = {"prompts": {"query": kind.prompt}, "default_prompt_name": "query"} if kind.prompt else {}
    SentenceTransformer(modules=modules, device="cpu", **prompts).save(str(folder))


def save_tokenizer(folder):
    from tokenizers import Tokenizer, models, pre_tokenizers, processors
    from transformers import PreTrainedTokenizerFast

    special = ["<pad>", "<s>", "</s>", "<unk>"]
    vocabulary = {token: number for number, token in enumerate([*special, *pre_tokenizers.ByteLevel.alphabet()])}
    tokenizer = Tokenizer(models.BPE(vocabulary, [], unk_token="<unk>"))
    tokenizer.pre_tokenizer = pre_tokenizers.ByteLevel(add_prefix_space=False)
    tokenizer.post_processor = processors.TemplateProcessing(
        single="<s> $A </s>", special_tokens=[("<s>", 1), ("</s>", 2)]
    )
    fast = PreTrainedTokenizerFast(
        tokenizer_object=tokenizer, pad_token="<pad>", bos_token="<s>", eos_token="</s>", unk_token="<unk>"
    )
    fast.save_pretrained(folder)


def body_of(kind):
    import transformers

    names = {"bert": "Bert", "mpnet": "MPNet", "distilbert": "DistilBert", "roberta": "Roberta"}
    stem = names[kind.architecture]
    sizes = {"hidden_size": SIZE, "num_hidden_layers": 2, "num_attention_heads": 4, "intermediate_size": 64}
    if kind.architecture == "distilbert":
        sizes = {"dim": SIZE, "n_layers": 2, "n_heads": 4, "hidden_dim": 64}
    config = getattr(transformers, f"{stem}Config")(
        vocab_size=260, max_position_embeddings=130, pad_token_id=0, **sizes
    )
    return getattr(transformers, f"{stem}Model")(config)
