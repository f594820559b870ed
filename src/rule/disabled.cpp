#include "rule/disabled.h"

#include <algorithm>

#include <fmt/format.h>

#include "base/messages/rule.h"
#include "rule/decision_list.h"
#include "rule/loader.h"
#include "rule/yaml_quote.h"

namespace yagura::rule {
namespace {

// A list whose elements move when others go: where each one is afterwards.
class Places {
  public:
    Places(size_t size, const std::vector<bool>& stays) : to_(size, UINT32_MAX) {
        uint32_t next = 0;
        for (size_t i = 0; i < size; ++i)
            if (stays[i]) to_[i] = next++;
    }
    void move(std::vector<uint32_t>& places) const {
        std::erase_if(places, [this](uint32_t place) { return to_[place] == UINT32_MAX; });
        for (uint32_t& place : places) place = to_[place];
    }

  private:
    std::vector<uint32_t> to_;
};

template <class T>
void keep(std::vector<T>& list, const std::vector<bool>& stays) {
    size_t kept = 0;
    for (size_t i = 0; i < list.size(); ++i) {
        if (!stays[i]) continue;
        if (kept != i) list[kept] = std::move(list[i]);
        ++kept;
    }
    list.erase(list.begin() + static_cast<ptrdiff_t>(kept), list.end());
}

// Decides what stays, from the correlations that look at others down to the rules.
class Leaving {
  public:
    Leaving(RuleSet& set, const DisabledIds& disabled)
        : set_(set),
          disabled_(disabled),
          rules_(set.rules.size()),
          correlations_(set.correlations.size()),
          memories_(set.first_seen.size()) {}

    void run() {
        // Those that others look at come before them.
        for (size_t i = correlations_.size(); i-- > 0;) {
            match::Correlation& correlation = set_.correlations[i];
            const bool off = count_if_disabled(correlation.info);
            if (off && correlations_[i]) correlation.reports = false;
            correlations_[i] = correlations_[i] || !off;
            if (correlations_[i]) need(correlation);
        }
        for (size_t i = 0; i < memories_.size(); ++i) {
            memories_[i] = !count_if_disabled(set_.first_seen[i].info);
            if (memories_[i]) need(set_.first_seen[i].rules);
        }
        std::string last;
        for (size_t i = 0; i < rules_.size(); ++i) {
            match::Rule& rule = set_.rules[i];
            const bool off = disabled_.contains(rule.info.id);
            if (off && rule.info.id != last && !is_memory(rule.info.id)) ++set_.disabled;
            last = rule.info.id;
            if (off && rules_[i]) rule.reports = false;
            rules_[i] = rules_[i] || !off;
        }
        move();
    }

  private:
    bool count_if_disabled(const match::RuleInfo& info) {
        const bool off = disabled_.contains(info.id);
        set_.disabled += off;
        return off;
    }

    bool is_memory(std::string_view id) const {
        return std::any_of(set_.first_seen.begin(), set_.first_seen.end(), [&](const auto& memory) {
            return memory.info.id == id;
        });
    }

    void need(const std::vector<uint32_t>& rules) {
        for (const uint32_t rule : rules) rules_[rule] = true;
    }
    void need(const match::Correlation& correlation) {
        for (const match::CorrelationReference& reference : correlation.references) {
            need(reference.rules);
            for (const uint32_t inner : reference.correlations) correlations_[inner] = true;
        }
    }

    void move() {
        const Places rules(rules_.size(), rules_);
        const Places correlations(correlations_.size(), correlations_);
        keep(set_.rules, rules_);
        keep(set_.correlations, correlations_);
        keep(set_.first_seen, memories_);
        for (match::Correlation& correlation : set_.correlations) {
            for (match::CorrelationReference& reference : correlation.references) {
                rules.move(reference.rules);
                correlations.move(reference.correlations);
            }
        }
        for (match::FirstSeen& memory : set_.first_seen) rules.move(memory.rules);
        for (Filter& filter : set_.filters) rules.move(filter.narrowed);
    }

    RuleSet& set_;
    const DisabledIds& disabled_;
    std::vector<bool> rules_, correlations_, memories_;  // what is needed, then what stays
};

}  // namespace

std::vector<Disabled> read_disabled(std::string_view text, Problems& problems) {
    const auto no_more = [](const YamlNode&, const Disabled&) { return true; };
    return read_decisions<Disabled>(text, kMaxDisabled, problems, no_more);
}

std::string disabled_text(const std::vector<Disabled>& disabled) {
    std::string out = say(message::rule_disabled_head) + "\n";
    for (const Disabled& entry : disabled) {
        out += fmt::format("- rule: {}\n  title: {}\n  who: {}\n  when: {}\n  reason: {}\n",
                           yaml_quoted(entry.rule),
                           yaml_quoted(entry.title),
                           yaml_quoted(entry.who),
                           format_iso8601(entry.when),
                           yaml_quoted(entry.reason));
    }
    return out;
}

DisabledIds ids_of(const std::vector<Disabled>& disabled) {
    DisabledIds ids;
    for (const Disabled& entry : disabled) ids.insert(entry.rule);
    return ids;
}

void leave_out(RuleSet& set, const DisabledIds& disabled) {
    if (!disabled.empty()) Leaving(set, disabled).run();
}

}  // namespace yagura::rule
