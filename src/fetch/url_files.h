// Files at addresses that have their SHA-256, as PyTorch's and OpenAI's do.
#pragma once

#include <filesystem>
#include <string>

namespace submask {

// The file in PyTorch's cache, fetched if it is not there. Its name ends in the first digits of its
// SHA-256 (resnet18-f37072fd.pth), or a folder of the address is all of it (.../models/40d3.../
// ViT-B-32.pt); others are refused, as nothing would tell whether they are whole. Throws as
// fetch_weights().
std::filesystem::path fetch_url(const std::string& url);

}  // namespace submask
