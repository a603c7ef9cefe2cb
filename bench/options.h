// What a benchmark reads from its command line. CLI11's templates take longer to compile than a
// benchmark does: they stay in options.cpp.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

namespace CLI {
class App;
}

namespace submask::bench {

class Options {
 public:
  explicit Options(const std::string& description);
  ~Options();

  // Each sets its variable, whose value before is the default that --help shows. A name without
  // dashes is that of positional arguments.
  void add(const std::string& name, int& value, const std::string& help = {});
  void add(const std::string& name, double& value, const std::string& help = {});
  void add(const std::string& name, std::string& value, const std::string& help = {});
  void add(const std::string& name, std::vector<std::string>& values, const std::string& help = {});
  void add_required(const std::string& name, std::string& value, const std::string& help);
  void add_required(const std::string& name, std::vector<std::string>& values,
                    const std::string& help);
  void add_positive(const std::string& name, int& value, const std::string& help = {});
  void add_positive(const std::string& name, int64_t& value, const std::string& help = {});
  void add_share(const std::string& name, double& value);  // 0 to 1
  void add_choice(const std::string& name, std::string& value,
                  const std::vector<std::string>& choices, const std::string& help = {});
  void add_flag(const std::string& name, bool& value, const std::string& help);

  // Ends the program with a message where --help is among the arguments or one of them is wrong.
  void parse(int argc, char** argv);

 private:
  std::unique_ptr<CLI::App> app_;
};

}  // namespace submask::bench
