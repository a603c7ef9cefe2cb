/* The C interface of submask: task files and the sweeps of mask learning, without LibTorch.
 *
 * libsubmask_c.so needs xxHash, OpenSSL's libcrypto and the C++ runtime. A task file holds what was
 * learned over one frozen network: one bit a weight, batch norm's running statistics, a head
 * (docs/mask_format.md). docs/c_interface.md leads through this header.
 *
 * Errors. Every function that can fail returns a submask_status. Where that is not SUBMASK_OK,
 * submask_last_error() has one line of UTF-8 of this thread, "expected ..., got ..., in FILE", and
 * nothing was written or changed. Any file, and any number in it, may be hostile: sizes are checked
 * before memory is allocated. The caller's pointers, and the sizes of arrays behind them, are
 * trusted.
 *
 * Memory. What a function returns by `out` is the caller's, to be freed by the _free function of
 * its type. What it returns by a const pointer belongs to the object that it was asked of and lives
 * as long.
 *
 * Threads. Many threads may use one object at once, as long as none signs or frees it. Work is
 * shared among threads that sleep when there is none (submask_set_threads()), and results do not
 * depend on their number. After fork() the child has threads of its own.
 *
 * Numbers are little-endian, row-major and contiguous; sizes are in elements unless a name says
 * bytes. Packed bits have one bit a weight: weight i is bit i % 8, the least significant first, of
 * byte i / 8; 1 is on; bits after the last are 0. */
#ifndef SUBMASK_SUBMASK_H
#define SUBMASK_SUBMASK_H

#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

#define SUBMASK_API __attribute__((visibility("default")))

typedef enum submask_status {
  SUBMASK_OK = 0,
  SUBMASK_INVALID_ARGUMENT = 1,    /* the caller asks for a wrong value or combination */
  SUBMASK_CORRUPT_FILE = 2,        /* truncated, damaged, hostile, or of another kind */
  SUBMASK_UNSUPPORTED_VERSION = 3, /* of a later format than this library reads */
  SUBMASK_IO = 4,                  /* the system refused: no file, full disk, no permission */
  SUBMASK_UNAVAILABLE = 5,         /* this machine or build lacks something */
  SUBMASK_OUT_OF_MEMORY = 6,
  SUBMASK_INTERNAL = 7 /* a fault of the library */
} submask_status;

typedef enum submask_dtype {
  SUBMASK_FLOAT32 = 0,
  SUBMASK_FLOAT16 = 1,
  SUBMASK_BFLOAT16 = 2
} submask_dtype;

typedef enum submask_profile {
  SUBMASK_PLAIN = 0, /* bits as they are: read without the network's weights */
  SUBMASK_SMALL = 1, /* fewest bytes */
  SUBMASK_FAST = 2   /* about a tenth more bytes, decoded many times as fast */
} submask_profile;

typedef enum submask_form {
  SUBMASK_HALF = 0, /* float16; of statistics, their differences from the network's */
  SUBMASK_INT8 = 1, /* of heads alone: eight-bit numbers and a power of two a row */
  SUBMASK_EXACT = 2 /* float32 */
} submask_form;

typedef enum submask_merge_rule {
  SUBMASK_AND = 0,     /* on where it is on in all tasks; a unit keeps one weight on at least */
  SUBMASK_OR = 1,      /* in any */
  SUBMASK_MAJORITY = 2 /* in at least half */
} submask_merge_rule;

/* A task as its file holds it. */
typedef struct submask_task submask_task;

/* A named float32 array. */
typedef struct submask_array {
  const char* name;
  size_t rank;
  const int64_t* shape; /* [rank] */
  const float* data;
} submask_array;

/* The mask of one unit: of a whole weight or of some of its rows. */
typedef struct submask_mask {
  const char* name; /* canonical: timm's name of the parameter; q, k, v of a fused qkv apart */
  size_t rank;
  const int64_t* shape; /* [rank] */
  const uint8_t* bits;  /* packed, (weights + 7) / 8 bytes */
} submask_mask;

/* What a task says of a unit. */
typedef struct submask_unit {
  const char* name;
  size_t rank;
  const int64_t* shape; /* [rank] */
  int64_t weights;      /* the product of the shape */
  int64_t on;           /* weights that stay on */
  float scale;          /* of a weight that is on: w = scale * theta */
  float off_scale;      /* of one that is off: 0, or -1 for flips */
} submask_unit;

/* How a task is packed. {0}: plain bits, a head in float16, exact statistics, which need no
 * network. */
typedef struct submask_pack_options {
  submask_profile profile;
  submask_form statistics;
  submask_form head;
  const submask_array* weights; /* theta of each unit, in the task's order; null if plain */
  size_t weight_count;
  const submask_array* statistics_base; /* the network's own; null: statistics are stored exactly */
  size_t statistics_base_count;
  const submask_task* parent; /* unpacked; masks are coded against its; null: none */
  const char* parent_file;    /* its file's name in the folder of the task's file */
} submask_pack_options;

/* How far two tasks agree. Shares are of weights of units that both mask. */
typedef struct submask_agreement {
  int64_t weights;
  int64_t off_a, off_b, off_both; /* that a, that b, that both switch off */
  double equal_share;             /* that both leave on or both switch off */
  double jaccard;                 /* off in both over off in either; 1 where none is off */
  double chance_jaccard;          /* what independent masks of these shares would have */
} submask_agreement;

/* A step of SGD on the scores of a unit, with the straight-through score gradient
 *   d = gradient_scale * theta * gradient - shift + weight_decay * score   (decay: finite scores)
 *   velocity = momentum * velocity + d
 *   score -= rate * (nesterov ? d + momentum * velocity : velocity);  on = score > mu
 * For w = c theta m with c = 1 / sqrt(mean(m)) over n weights, gradient_scale is c and shift
 * c^3 / (2 n) * sum(gradient * theta * m) (Warmerdam, Caron and Asano, GCPR 2024). */
typedef struct submask_score_step {
  float gradient_scale, shift, mu, rate;
  double momentum, weight_decay;
  int nesterov;
  float pull, top; /* at its end a score below `top` rises by `pull`; 0: it does not */
} submask_score_step;

/* How a whole step of mask learning goes, of units whose masks are score > mu. */
typedef struct submask_mask_step {
  submask_score_step score; /* but gradient_scale and shift, which follow from each unit */
  float off_scale;          /* of weights that are off: 0; -1 for flips */
  int scaled;               /* c = 1 / sqrt(mean(m)) of each unit; else c is 1 */
  int unit_rates;           /* the rate of each unit is score.rate over its gradient_size */
} submask_mask_step;

/* A mask unit in a step: arrays of `count` elements. */
typedef struct submask_step_unit {
  const float* theta;
  const float* gradient; /* dL/dw */
  float* score;
  float* velocity;
  float* weights; /* c theta m, before and after */
  size_t count;
  double scale; /* c, before and after */
  int64_t on;   /* after the step: how many weights are on */
  /* With unit rates, before and after: a, which becomes .99 a + .01 sqrt(mean((c theta g)^2)), the
   * root alone where a is 0. Begin with 0. */
  float gradient_size;
} submask_step_unit;

/* A tensor of a network's state dict. */
typedef struct submask_tensor {
  const char* name;
  size_t rank;
  const int64_t* shape; /* [rank] */
} submask_tensor;

/* A unit in the caller's tensors: rows of one of them. Its shape is row_end - row_begin and then
 * the tensor's other dimensions. Of a transposed one, [in, out], the unit's weights are the
 * transpose: row r of the unit is the tensor's column r. */
typedef struct submask_named_unit {
  const char* name;  /* canonical */
  const char* kind;  /* conv, depthwise, downsample.conv, downsample.norm, squeeze, patch, q, k, v,
                        out, fc1, fc2, linear, projection, bias */
  size_t tensor;     /* index in the caller's list */
  int64_t row_begin; /* in the tensor's first dimension, or in its last where transposed */
  int64_t row_end;
  int transposed;
  int masked_by_default; /* 0: learned only where the user asks */
} submask_named_unit;

/* A running mean or variance of a batch norm, one of the caller's tensors. */
typedef struct submask_named_statistic {
  const char* name; /* canonical: "layer1.0.bn1.running_mean" */
  size_t tensor;    /* index in the caller's list */
} submask_named_statistic;

typedef struct submask_unit_names {
  const char* layout; /* whose names were found: "transformers", "its own names" (timm's) */
  const char* prefix; /* before every name: "module.", "visual.", "" */
  size_t count;
  const submask_named_unit* units; /* [count], in network order */
  size_t left_out; /* tensors of two dimensions or more without a unit: classifier, embeddings, and
                      what was not understood, as the attention of a network that is not known */
  size_t statistic_count;
  const submask_named_statistic* statistics; /* [statistic_count], in no order */
} submask_unit_names;

/* ---- The library ---- */

/* "0.2.0-dev". Never fails. */
SUBMASK_API const char* submask_version(void);

/* The line of the last error in this thread, "" before the first one. Valid until the next call of
 * this library in this thread. Never fails. */
SUBMASK_API const char* submask_last_error(void);

/* How many threads work is shared among, the caller's with them; 0: as many as this process may
 * use, which is the start. Errors: SUBMASK_INVALID_ARGUMENT below 0 and above 1024. */
SUBMASK_API submask_status submask_set_threads(int threads);

/* ---- Task files ---- */

/* Reads a task file and checks all that can be checked without the network's weights. Errors:
 * SUBMASK_IO, SUBMASK_CORRUPT_FILE, SUBMASK_UNSUPPORTED_VERSION. */
SUBMASK_API submask_status submask_task_open(const char* path, submask_task** out);

/* The same from `size` bytes, which may go when the call returns. `name` stands for the file in
 * errors. */
SUBMASK_API submask_status submask_task_open_memory(const void* bytes, size_t size,
                                                    const char* name, submask_task** out);

/* Frees a task; null is allowed. */
SUBMASK_API void submask_task_free(submask_task* task);

/* All that `submask inspect --json` prints, as one line of JSON: backbone, weights_identity,
 * criterion, units, classes, preprocessing, provenance, sizes in bytes. */
SUBMASK_API submask_status submask_task_describe(const submask_task* task, const char** json);

/* Units are counted from 0, in network order. Errors of submask_task_unit():
 * SUBMASK_INVALID_ARGUMENT. */
SUBMASK_API size_t submask_task_unit_count(const submask_task* task);
SUBMASK_API submask_status submask_task_unit(const submask_task* task, size_t unit,
                                             submask_unit* out);

/* Decodes the packed bits of a unit into `bits`, (unit's weights + 7) / 8 = `bits_bytes` bytes.
 * `theta` are the network's pretrained weights of the unit, `count` of them (null and 0 for a plain
 * task), `parent_bits` those of the parent's unit of this name and shape (null: the task has no
 * parent, or the parent no such unit). Errors: SUBMASK_INVALID_ARGUMENT for other sizes,
 * SUBMASK_CORRUPT_FILE where the bits are not those that were packed, as with other weights. */
SUBMASK_API submask_status submask_task_decode(const submask_task* task, size_t unit,
                                               const float* theta, size_t count,
                                               const uint8_t* parent_bits, uint8_t* bits,
                                               size_t bits_bytes);

/* w = on ? scale * theta : off_scale * theta, computed in float32 and rounded to `dtype`, for
 * `count` weights whose packed bits begin at `bits`. `theta` and `weights` are of `dtype` and may
 * be the same. For rows [begin, end) of a larger parameter pass the address of its first row. */
SUBMASK_API submask_status submask_apply(submask_dtype dtype, float scale, float off_scale,
                                         const void* theta, const uint8_t* bits, void* weights,
                                         size_t count);

/* Running statistics ("bn1.running_mean"), counted from 0. Errors: SUBMASK_INVALID_ARGUMENT. */
SUBMASK_API size_t submask_task_statistic_count(const submask_task* task);
SUBMASK_API submask_status submask_task_statistic(const submask_task* task, size_t statistic,
                                                  const char** name, size_t* channels);

/* The values of all statistics one after another, `count` in all, into `values`. `base` are the
 * network's own in the same order (null for a task with exact statistics). Errors:
 * SUBMASK_INVALID_ARGUMENT for another count or another network's statistics. */
SUBMASK_API submask_status submask_task_statistics(const submask_task* task, const float* base,
                                                   float* values, size_t count);

/* The arrays of the head, to be told by their names, as their order may change: "weight" [C,D] and
 * "bias" [C]; "cosine" [C,D]; or "bank" [M,D], "bank_labels" [M] and "bank_votes" [3]; none.
 * Errors: SUBMASK_INVALID_ARGUMENT. */
SUBMASK_API size_t submask_task_head_count(const submask_task* task);
SUBMASK_API submask_status submask_task_head(const submask_task* task, size_t array,
                                             submask_array* out);

/* ---- Making tasks ---- */

/* A plain task, exact in all. `description` is JSON with all of backbone, weights_identity,
 * criterion ("threshold", "topk" or "flip"), scale, classes, preprocessing and provenance as in a
 * file (docs/mask_format.md), licence too if it has one, and nothing else. Statistics are running
 * means and variances. Errors: SUBMASK_INVALID_ARGUMENT. */
SUBMASK_API submask_status submask_task_new(const char* description, const submask_mask* masks,
                                            size_t mask_count, const submask_array* statistics,
                                            size_t statistic_count, const submask_array* head,
                                            size_t head_count, submask_task** out);

/* A task packed as the options say. Of a packed task, call submask_task_unpack() first. The weights
 * are trusted to be those that the task names, as its units are not all that its identity covers:
 * compare submask_weights_identity() before. Errors: SUBMASK_INVALID_ARGUMENT. */
SUBMASK_API submask_status submask_task_pack(const submask_task* task,
                                             const submask_pack_options* options,
                                             submask_task** out);

/* A plain task with the values of a packed one. Of the options weights, statistics_base and parent
 * count. Errors: as submask_task_decode() and submask_task_statistics(), and
 * SUBMASK_INVALID_ARGUMENT for another parent. */
SUBMASK_API submask_status submask_task_unpack(const submask_task* task,
                                               const submask_pack_options* options,
                                               submask_task** out);

/* Writes the file: after any failure there is the old file or the whole new one. The same task
 * gives the same bytes. Errors: SUBMASK_IO. */
SUBMASK_API submask_status submask_task_write(const submask_task* task, const char* path);

/* The file's bytes: sets `size`, and fills `bytes` where it is not null and `capacity` is at least
 * that. */
SUBMASK_API submask_status submask_task_bytes(const submask_task* task, void* bytes,
                                              size_t capacity, size_t* size);

/* Signs a task by Ed25519, and tells (0 or 1) whether the owner of a key signed it as it is. Keys
 * are PEM files without password. Errors: SUBMASK_IO, SUBMASK_CORRUPT_FILE for what is no such key.
 */
SUBMASK_API submask_status submask_task_sign(submask_task* task, const char* private_key);
SUBMASK_API submask_status submask_task_verify(const submask_task* task, const char* public_key,
                                               int* is_signed);

/* One task of two or more unpacked ones over one network (docs/ship.md). Statistics are averaged;
 * so are linear heads of the same classes, and other heads and their classes are left out.
 * Preprocessing, provenance and licence are the first one's. Errors: SUBMASK_INVALID_ARGUMENT for
 * tasks that do not go together. */
SUBMASK_API submask_status submask_merge(const submask_task* const* tasks, size_t count,
                                         submask_merge_rule rule, submask_task** out);

/* Compares two unpacked tasks over one network. Errors: SUBMASK_INVALID_ARGUMENT. */
SUBMASK_API submask_status submask_compare(const submask_task* a, const submask_task* b,
                                           submask_agreement* out);

/* ---- Learning masks ---- */

/* sum(a[i] * b[i]), accumulated in float64 over blocks. */
SUBMASK_API submask_status submask_dot(const float* a, const float* b, size_t count, double* out);

/* One step on `count` scores: updates `score` and `velocity`, sets on[i] to 0 or 1 and `on_count`
 * to how many are 1. */
SUBMASK_API submask_status submask_update_scores(const submask_score_step* step, const float* theta,
                                                 const float* gradient, float* score,
                                                 float* velocity, uint8_t* on, size_t count,
                                                 int64_t* on_count);

/* w = on[i] ? scale * theta : off_scale * theta, with a byte a weight. */
SUBMASK_API submask_status submask_materialise(float scale, float off_scale, const float* theta,
                                               const uint8_t* on, float* weights, size_t count);

/* One step of mask learning on `count` units: for each what submask_dot(), submask_update_scores()
 * and submask_materialise() do one after the other, bit for bit and in less time. Where off_scale
 * is 0 and no weight of a unit is on after it, its weights and scale stay, for the caller to write.
 * No array of a unit overlaps one that is written. */
SUBMASK_API submask_status submask_step_masks(const submask_mask_step* step,
                                              submask_step_unit* units, size_t count);

/* ---- Names ---- */

/* The mask units of a network and the running statistics of its batch norms, given its state dict's
 * names and shapes (parameters and buffers). Known are timm's names; torchvision's ResNets and
 * ConvNeXts; transformers' ViT, DINOv2, CLIP and ConvNeXt; OpenAI's and open_clip's CLIP; the
 * authors' ConvNeXt; EfficientNet-PyTorch. Other networks get units by shape, under their own
 * names. The classifier has none; so timm's CLIP, whose projection is a classifier there, lacks the
 * unit projection.weight. Tensors come in the order of state_dict(), or by name as a safetensors
 * file has them: timm's are then put into the network's order. Units of an unknown network stay as
 * they come, and another order is another identity. */
SUBMASK_API submask_status submask_unit_names_find(const submask_tensor* tensors, size_t count,
                                                   submask_unit_names** out);
SUBMASK_API void submask_unit_names_free(submask_unit_names* names);

/* The identity of a network: SHA-256 over all its units in network order, their names, shapes and
 * values. `hex` has room for 64 digits and a zero byte. */
SUBMASK_API submask_status submask_weights_identity(const submask_array* units, size_t count,
                                                    char* hex);

#ifdef __cplusplus
}
#endif

#endif
