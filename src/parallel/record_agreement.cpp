#include "parallel/record_agreement.h"

#include <nlohmann/json.hpp>
#include <vector>

#include "base/fail.h"
#include "base/json_text.h"

namespace submask {

void check_records_agree(const Communicator& processes, const std::string& record) {
  if (processes.is_alone()) return;
  using Record = nlohmann::ordered_json;
  const std::vector<std::string> texts = processes.all_gather_text(record);
  const auto first = Record::parse(texts.front());
  for (size_t rank = 1; rank < texts.size(); ++rank) {
    if (texts[rank] == texts.front()) continue;
    const auto other = Record::parse(texts[rank]);
    for (const Record& change : Record::diff(first, other)) {
      const Record::json_pointer place(change["path"].get<std::string>());
      const auto value = [&](const Record& from) {
        return from.contains(place) ? shown(json_text(from[place])) : "nothing";
      };
      fail_argument(text("the same ", place.to_string().substr(1),
                         " on all processes: ", value(first), " as rank 0 has"),
                    text(value(other), " on rank ", rank));
    }
  }
}

}  // namespace submask
