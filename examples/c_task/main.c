/* Loads a task, applies it to weights read from a safetensors file, and prints the masked fraction.
 *
 *     cc -std=c11 main.c $(pkg-config --cflags --libs submask_c) -o c_task
 *     ./c_task fashion.task backbone.safetensors */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <submask/submask.h>

static void check(submask_status status) {
  if (status == SUBMASK_OK) return;
  fprintf(stderr, "c_task: %s\n", submask_last_error());
  exit((int)status);
}

/* The whole file, with a zero byte after it. */
static char* read_file(const char* path) {
  FILE* file = fopen(path, "rb");
  char* bytes = NULL;
  if (file == NULL || fseek(file, 0, SEEK_END) != 0) {
    fprintf(stderr, "c_task: cannot read %s\n", path);
    exit(SUBMASK_IO);
  }
  size_t size = (size_t)ftell(file);
  rewind(file);
  if ((bytes = calloc(size + 1, 1)) == NULL || fread(bytes, 1, size, file) != size)
    exit(SUBMASK_IO);
  fclose(file);
  return bytes;
}

/* The F32 tensor of this name: its header says
 * "name":{"dtype":"F32",...,"data_offsets":[first,last]}. */
static float* tensor(char* file, const char* name) {
  char key[256];
  uint64_t header = 0, first = 0;
  memcpy(&header, file, sizeof header);
  snprintf(key, sizeof key, "\"%s\":{\"dtype\":\"F32\"", name);
  const char *entry = strstr(file + 8, key),
             *offsets = entry ? strstr(entry, "data_offsets\":[") : NULL;
  if (offsets == NULL) return NULL;
  first = strtoull(offsets + 15, NULL, 10);
  return (float*)(void*)(file + 8 + header + first);
}

int main(int count, char** words) {
  if (count != 3) return fprintf(stderr, "usage: c_task TASK WEIGHTS.safetensors\n"), 2;
  submask_task* task = NULL;
  char* weights = read_file(words[2]);
  int64_t off = 0, all = 0;
  check(submask_task_open(words[1], &task));
  for (size_t i = 0; i < submask_task_unit_count(task); ++i) {
    submask_unit unit;
    check(submask_task_unit(task, i, &unit));
    float* theta = tensor(weights, unit.name);
    if (theta == NULL) return fprintf(stderr, "c_task: no F32 tensor %s\n", unit.name), 3;
    size_t n = (size_t)unit.weights, bytes = (n + 7) / 8;
    uint8_t* bits = malloc(bytes);
    check(submask_task_decode(task, i, theta, n, NULL, bits, bytes));
    check(submask_apply(SUBMASK_FLOAT32, unit.scale, unit.off_scale, theta, bits, theta, n));
    off += unit.weights - unit.on;
    all += unit.weights;
    free(bits);
  }
  printf("%.4f of %lld weights masked\n", (double)off / (double)all, (long long)all);
  submask_task_free(task);
  free(weights);
  return 0;
}
