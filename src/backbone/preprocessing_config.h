// How the configurations of other libraries say that images become inputs. Each function changes
// those steps that the configuration names, and throws corrupt_file by name for what this library
// cannot do.
#pragma once

#include <submask/preprocessing.h>

#include "backbone/config_fields.h"

namespace submask {

// timm's pretrained_cfg.
void read_timm_preprocessing(const ConfigFields& config, Preprocessing& steps);

// The preprocessor_config.json of transformers' image processors.
void read_transformers_preprocessing(const ConfigFields& config, Preprocessing& steps);

// open_clip's preprocess_cfg.
void read_open_clip_preprocessing(const ConfigFields& config, Preprocessing& steps);

}  // namespace submask
