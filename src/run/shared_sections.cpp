// The sections of run_fields.h that other commands have too.
#include "base/content_digest.h"
#include "run/opened.h"
#include "run/run_fields.h"
#include "zero_shot/zero_shot.h"

namespace submask {
namespace {

// The record has the templates themselves, which a reader understands better than a hash of the
// file.
RecordJson prompts_record(const TextSettings& text) {
  return text.prompts.empty() ? RecordJson() : RecordJson(read_prompts(text.prompts));
}

// What "auto" is depends on the backbone, so options_record() says it (run_record.h).
RecordJson text_weights_record(const TextSettings& text) {
  return text.weights == "auto" ? RecordJson(text.weights)
                                : content_record(weights_path(text.weights, ""));
}

}  // namespace

const Section<ComputeSettings>& compute_fields() {
  using S = ComputeSettings;
  static const Section<S> section{
      "Shared by every command",
      {
          {"seed", &S::seed, "Seed of every random choice", {at_least(0)}},
          {"threads",
           &S::threads,
           "Threads of the arithmetic; default: one a core",
           {within(1, 4096), Effect::rounding}},
          {"device", &S::device, "cpu or cuda[:N]", {.effect = Effect::rounding}},
          {"precision", &S::precision, "What the network computes in; half by autocast"},
      }};
  return section;
}

const Section<BackboneSettings>& backbone_fields() {
  using S = BackboneSettings;
  static const Section<S> section{
      "Backbone",
      {
          {"backbone",
           &S::name,
           "Backbone by its usual name (submask backbones lists them), or torchscript:FILE: any "
           "program that torch.jit.script saved; it is run",
           {.effect = Effect::content, .type_name = "NAME"}},
          {"weights",
           &S::weights,
           "Its weight file (safetensors, .pth, .pt, .bin) or a folder of one, as Hugging Face "
           "keeps; hf:ORG/NAME[@REV][:FILE] or an address with its SHA-256 is fetched, auto is the "
           "backbone's "
           "published default; none: the embedded weights where it has them",
           {.effect = Effect::content, .type_name = "FILE"}},
          {"checkpoint-key",
           &S::checkpoint_key,
           "Which state dict or prefix of the weight file to take (state_dict, model_ema, ema); "
           "none: the one that holds most of the network, a moving average before the weights",
           {.effect = Effect::content, .type_name = "KEY"}},
      }};
  return section;
}

const Section<TextSettings>& text_fields() {
  using S = TextSettings;
  static const Section<S> section{
      "Class names as text (CLIP)",
      {
          Field<S>("vocabulary", &S::vocabulary,
                   "CLIP's byte-pair encoding: bpe_simple_vocab_16e6.txt.gz or merges.txt",
                   {.type_name = "FILE"})
              .recorded_as([](const S& s) { return content_record(s.vocabulary); }),
          Field<S>(
              "prompts", &S::prompts,
              "Templates, one a line, {label} or {} for the class; several are averaged. None: "
              "\"This is a photo of a {label}\"",
              {.type_name = "FILE"})
              .recorded_as(prompts_record),
          Field<S>("text-weights", &S::weights,
                   "File of CLIP's text transformer; none: the --weights of the backbone",
                   {.type_name = "FILE"})
              .recorded_as(text_weights_record),
      }};
  return section;
}

const Section<KnnOptions>& knn_fields() {
  using S = KnnOptions;
  static const Section<S> section{
      "Measuring",
      {
          Field<S>(
              "knn-preset", [](const S&) { return std::optional<KnnPreset>(); },
              [](S& s, std::optional<KnnPreset> preset) {
                if (preset) s = knn_preset(*preset);
              },
              "paper (k 200, T .1) or dino (k 20, T .07)"),
          {"k", &S::k, "Neighbours of kNN", {at_least(1)}},
          {"temperature", &S::temperature, "Votes of kNN: exp(cosine / T)", {above(0)}},
      }};
  return section;
}

}  // namespace submask
