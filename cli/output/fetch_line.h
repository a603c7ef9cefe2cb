// Prints the progress of fetches from the network to stderr.
#pragma once

namespace submask::cli {

// From now on, every fetch of this process prints its file, the bytes so far, the rate, the time
// left, and notes. Ctrl-C ends a fetch; a later fetch goes on from the bytes that have arrived.
void show_fetches();

}  // namespace submask::cli
