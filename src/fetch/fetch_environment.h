// The environment variables that huggingface_hub and PyTorch read too.
#pragma once

#include <filesystem>
#include <string>

namespace submask {

std::string hub_endpoint();  // HF_ENDPOINT, else https://huggingface.co; no slash at its end
std::string hub_token();     // HF_TOKEN, else the file token in HF_HOME; "": none
bool hub_is_offline();       // HF_HUB_OFFLINE
long fetch_timeout_s();      // HF_HUB_DOWNLOAD_TIMEOUT, else 10: without a byte

// HF_HUB_CACHE, else HF_HOME/hub, else ~/.cache/huggingface/hub.
std::filesystem::path hub_cache_folder();

// TORCH_HOME/hub/checkpoints, else ~/.cache/torch/hub/checkpoints.
std::filesystem::path torch_cache_folder();

}  // namespace submask
