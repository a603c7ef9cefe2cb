// Prints what is fetched from the network to stderr.
#pragma once

namespace submask::cli {

// From now on, in this process: how much of which file, with the rate and the time left, and
// whatever else there is to tell. Ctrl-C ends a fetch, whose bytes stay.
void show_fetches();

}  // namespace submask::cli
