// What `submask serve` can be told.
#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include <submask/image.h>

#include "base/fields.h"

namespace submask {

struct ServeOptions {
  std::string tasks;  // folder of task and cascade files
  std::string host = "127.0.0.1";
  int64_t port = 8080;  // 0: any that is free
  int64_t max_batch = 16;
  double max_delay_ms = 2;
  int64_t memory = int64_t{1} << 30;  // bytes, of files, bits and expanded weights together
  int64_t workers = 1;                // that run the network, with --threads each
  int64_t max_queue_images = 1024;
  int64_t max_queue_bytes = int64_t{256} << 20;
  double rate = 0;  // requests a second and key; 0: as many as they like
  std::string keys;
  bool open = false;
  std::vector<std::string> cors;
  std::string tls_cert, tls_key;
  double grace_s = 5;
  std::vector<std::string> pin;
  std::string examples;
  std::string access_log;
  bool reuse_port = false;
  double rescan_s = 30;
  double timeout_s = 60;  // of a request that states none
  int64_t pixel_limit = 50'000'000;
};

const Fields<ServeOptions>& serve_fields();

}  // namespace submask
