#include "cli/diff_json.h"

#include <utility>

#include "compiler/versions/diff_text.h"

namespace nasc {
namespace {

JsonFields ToJson(const SpaceDiff::Version& version) {
  return {{"name", version.name},
          {"version", version.version},
          {"identity", version.identity.ToString()},
          {"architectures", version.size.ToString()},
          {"architectures_exact", version.size.exact}};
}

JsonList ToJson(const std::vector<NamedEdit>& edits) {
  JsonList list;
  for (const NamedEdit& edit : edits) {
    list.emplace_back(JsonFields{{"edit", NameOf(edit.edit)},
                                 {"name", edit.name},
                                 {"new_name", edit.new_name},
                                 {"what", edit.what}});
  }
  return list;
}

JsonList ToJson(const std::vector<OptionEdit>& edits) {
  JsonList list;
  for (const OptionEdit& edit : edits) {
    list.emplace_back(JsonFields{{"edit", NameOf(edit.edit)},
                                 {"option", edit.option},
                                 {"new_option", edit.new_option},
                                 {"what", edit.what},
                                 {"decisions", edit.decisions}});
  }
  return list;
}

JsonList ToJson(const std::vector<NetworkEdit>& edits) {
  JsonList list;
  for (const NetworkEdit& edit : edits) {
    list.emplace_back(JsonFields{{"at", edit.at},
                                 {"what", edit.what},
                                 {"decisions", edit.decisions},
                                 {"scales", edit.scales},
                                 {"training_only", edit.training_only}});
  }
  return list;
}

}  // namespace

JsonFields DiffJson(const SpaceDiff& diff) {
  JsonList losses;
  for (const Loss& loss : diff.losses) {
    JsonFields fields = {{"kind", NameOf(loss.kind)},
                         {"subject", loss.subject},
                         {"what", loss.what},
                         {"decisions", loss.where},
                         {"text", LossText(loss)}};
    if (loss.count.has_value()) fields.push_back({"architectures", loss.count->get_str()});
    if (loss.example.has_value()) fields.push_back({"example", ExampleText(diff, loss)});
    losses.emplace_back(std::move(fields));
  }
  return {{"before", ToJson(diff.before)},
          {"after", ToJson(diff.after)},
          {"decisions", ToJson(diff.decisions)},
          {"options", ToJson(diff.options)},
          {"requirements", ToJson(diff.requirements)},
          {"scales", ToJson(diff.scales)},
          {"networks", ToJson(diff.network)},
          {"kept", diff.kept.ToString()},
          {"lost", std::move(losses)},
          {"exact", diff.exact},
          {"step_needed", NameOf(diff.needed)},
          {"step_made", NameOf(diff.made)},
          {"compatible", diff.enough()}};
}

}  // namespace nasc
