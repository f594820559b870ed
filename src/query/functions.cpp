#include "query/functions.h"

#include "base/text.h"
#include "query/builders.h"

namespace yagura::query {
namespace {

using enum FunctionRow::Family;
constexpr uint8_t kMany = 255;
constexpr ValueType kBool = ValueType::boolean;
constexpr ValueType kInt = ValueType::integer;
constexpr ValueType kReal = ValueType::real;
constexpr ValueType kText = ValueType::text;
constexpr ValueType kTime = ValueType::time;
constexpr ValueType kJson = ValueType::json;
constexpr ValueType kSame = ValueType::nothing;

// clang-format off
constexpr FunctionRow kScalars[] = {
    // family, name, aliases, least, most, kinds, usage, result, sql, build, sentence
    {numeric, "abs",       "", 1, 1, "n", "abs(number)", kReal, "abs(CAST({0} AS DOUBLE))", nullptr, {"distance from zero", "絶対値"}},
    {numeric, "ceil",      "ceiling", 1, 1, "n", "ceil(number)", kReal, "ceil(CAST({0} AS DOUBLE))", nullptr, {"next whole number upwards", "切り上げた整数"}},
    {numeric, "floor",     "", 1, 1, "n", "floor(number)", kReal, "floor(CAST({0} AS DOUBLE))", nullptr, {"next whole number downwards", "切り捨てた整数"}},
    {numeric, "greatest",  "", 1, kMany, "n", "greatest(number, …)", kReal, "CAST(greatest({*}) AS DOUBLE)", nullptr, {"the largest of them", "最大の値"}},
    {numeric, "least",     "", 1, kMany, "n", "least(number, …)", kReal, "CAST(least({*}) AS DOUBLE)", nullptr, {"the smallest of them", "最小の値"}},
    {numeric, "log",       "ln", 1, 1, "n", "log(number)", kReal, "TRY(ln({0}))", nullptr, {"natural logarithm", "自然対数"}},
    {numeric, "round",     "", 1, 2, "n", "round(number[, digits])", kReal, "round(CAST({0} AS DOUBLE)) | round(CAST({0} AS DOUBLE), CAST(CASE WHEN {1} > 308 THEN 308 WHEN {1} < -308 THEN -308 ELSE {1} END AS INTEGER))", nullptr, {"rounded, to whole numbers unless digits are given", "四捨五入（桁数を省略すると整数）"}},
    {numeric, "sqrt",      "", 1, 1, "n", "sqrt(number)", kReal, "TRY(sqrt({0}))", nullptr, {"square root", "平方根"}},
    {numeric, "haversine", "", 4, 4, "n", "haversine(lat1, lon1, lat2, lon2)", kReal, "TRY(12742.0176 * asin(least(1, sqrt(pow(sin(radians({2} - {0}) / 2), 2) + cos(radians({0})) * cos(radians({2})) * pow(sin(radians({3} - {1}) / 2), 2)))))", nullptr, {"distance on Earth in kilometres", "地表上の距離（km）"}},
    {numeric, "toNumber",  "toDouble", 1, 1, "n", "toNumber(value)", kReal, "CAST({0} AS DOUBLE)", nullptr, {"the value as a number; missing when it is none", "数値に変換（できなければ欠損）"}},
    {numeric, "toInt",     "toLong", 1, 1, "n", "toInt(value)", kInt, "TRY_CAST(trunc(CAST({0} AS DOUBLE)) AS BIGINT)", nullptr, {"the value as a whole number, fraction cut off", "整数に変換（小数部は切り捨て）"}},

    {datetime, "bin",        "", 1, 1, "v", "bin(period)", kTime, "", build_bin, {"start of the period the event lies in", "イベントが属する時間区間の始まり"}},
    {datetime, "datefloor",  "", 2, 2, "v", "datefloor(time, period)", kTime, "", build_datefloor, {"start of the period a time lies in", "時刻が属する時間区間の始まり"}},
    {datetime, "dateceil",   "", 2, 2, "v", "dateceil(time, period)", kTime, "", build_dateceil, {"end of the period a time lies in", "時刻が属する時間区間の終わり"}},
    {datetime, "fromMillis", "", 1, 1, "n", "fromMillis(number)", kTime, "CASE WHEN abs(CAST({0} AS DOUBLE)) < 9e15 THEN make_timestamp(CAST({0} * 1000 AS BIGINT)) END", nullptr, {"time from milliseconds since 1970", "1970 年からのミリ秒を時刻に変換"}},
    {datetime, "toMillis",   "", 1, 1, "d", "toMillis(time)", kInt, "epoch_ms({0})", nullptr, {"milliseconds since 1970", "1970 年からのミリ秒"}},
    {datetime, "now",        "", 0, 0, "", "now()", kInt, "", build_now, {"this moment in seconds since 1970", "現在時刻（1970 年からの秒）"}},
    {datetime, "parseDate",  "", 2, 3, "tcc", "parseDate(text, pattern[, zone])", kInt, "", build_parse_date, {"milliseconds from a text in a Java date pattern", "Java の日付パターンで読んだ時刻（ミリ秒）"}},
    {datetime, "formatDate", "strftime", 2, 3, "dcc", "formatDate(time, pattern[, zone])", kText, "", build_format_date, {"time written in a strftime pattern", "strftime パターンで書式化した時刻"}},

    {general, "ispresent",      "", 1, 1, "v", "ispresent(value)", kBool, "({0} IS NOT NULL)", nullptr, {"whether the event has it", "イベントに値があるか"}},
    {general, "coalesce",       "", 1, kMany, "v", "coalesce(value, …)", kSame, "", build_coalesce, {"the first that is present", "最初に存在する値"}},
    {general, "case",           "", 2, 21, "v", "case(condition, value, …[, otherwise])", kSame, "", build_case, {"the value behind the first true condition", "最初に真となる条件の値"}},
    {general, "if",             "", 3, 3, "v", "if(condition, then, else)", kSame, "", build_if, {"one of two values", "条件による 2 択"}},
    {general, "isNumeric",      "", 1, 1, "n", "isNumeric(value)", kBool, "({0} IS NOT NULL)", nullptr, {"whether it is a number", "数値か"}},
    {general, "messageSize",    "", 1, 1, "t", "messageSize(@message)", kInt, "strlen({0})", nullptr, {"size in bytes", "バイト数"}},
    {general, "queryStartTime", "", 0, 0, "", "queryStartTime()", kReal, "", build_query_start, {"start of the range asked for, in milliseconds", "検索範囲の始まり（ミリ秒）"}},
    {general, "queryEndTime",   "", 0, 0, "", "queryEndTime()", kReal, "", build_query_end, {"end of the range asked for, in milliseconds", "検索範囲の終わり（ミリ秒）"}},
    {general, "queryTimeRange", "", 0, 0, "", "queryTimeRange()", kReal, "", build_query_range, {"length of the range asked for, in milliseconds", "検索範囲の長さ（ミリ秒）"}},

    {json, "jsonParse",         "", 1, 1, "j", "jsonParse(text)", kJson, "{0}", nullptr, {"map or list from JSON text", "JSON テキストをマップやリストとして読む"}},
    {json, "jsonStringify",     "", 1, 1, "j", "jsonStringify(value)", kText, "{0}", nullptr, {"JSON text of a map or list", "マップやリストの JSON テキスト"}},
    {json, "jsonArraySize",     "", 1, 1, "j", "jsonArraySize(list)", kInt, "CASE WHEN json_type({0}) = 'ARRAY' THEN json_array_length({0}) END", nullptr, {"items in a list", "リストの要素数"}},
    {json, "jsonArrayContains", "", 2, 2, "jt", "jsonArrayContains(list, value)", kBool, "CASE WHEN json_type({0}) = 'ARRAY' THEN list_contains(json_extract_string({0}, '$[*]'), {1}) END", nullptr, {"whether a list holds a value", "リストに値が含まれるか"}},

    {ip, "isValidIp",      "", 1, 1, "t", "isValidIp(text)", kBool, "(yagura_ip_family({0}) <> 0)", nullptr, {"whether it is an IP address", "IP アドレスか"}},
    {ip, "isValidIpV4",    "", 1, 1, "t", "isValidIpV4(text)", kBool, "(yagura_ip_family({0}) = 4)", nullptr, {"whether it is an IPv4 address", "IPv4 アドレスか"}},
    {ip, "isValidIpV6",    "", 1, 1, "t", "isValidIpV6(text)", kBool, "(yagura_ip_family({0}) = 6)", nullptr, {"whether it is an IPv6 address", "IPv6 アドレスか"}},
    {ip, "isIpInSubnet",   "", 2, 2, "tc", "isIpInSubnet(text, \"cidr\")", kBool, "", build_subnet, {"whether an address lies in a network", "アドレスがネットワークに含まれるか"}},
    {ip, "isIpv4InSubnet", "", 2, 2, "tc", "isIpv4InSubnet(text, \"cidr\")", kBool, "", build_subnet, {"the same for IPv4", "同上（IPv4）"}},
    {ip, "isIpv6InSubnet", "", 2, 2, "tc", "isIpv6InSubnet(text, \"cidr\")", kBool, "", build_subnet, {"the same for IPv6", "同上（IPv6）"}},
    {ip, "ipv4ToNumber",   "", 1, 1, "t", "ipv4ToNumber(text)", kInt, "yagura_ip_number({0})", nullptr, {"an IPv4 address as a number", "IPv4 アドレスを数値に変換"}},
    {ip, "isPrivateIP",    "", 1, 1, "t", "isPrivateIP(text)", kBool, "(yagura_ip_kind({0}) = 'private')", nullptr, {"whether it is an RFC 1918 address", "RFC 1918 のプライベートアドレスか"}},
    {ip, "isPublicIP",     "", 1, 1, "t", "isPublicIP(text)", kBool, "(yagura_ip_kind({0}) = 'public')", nullptr, {"whether the internet routes it", "インターネットで経路制御されるアドレスか"}},
    {ip, "isReservedIP",   "", 1, 1, "t", "isReservedIP(text)", kBool, "(yagura_ip_kind({0}) = 'reserved')", nullptr, {"whether it is set aside: loopback, link-local, documentation, multicast, …", "予約済みアドレスか（ループバック、リンクローカル、文書用、マルチキャストなど）"}},

    {string, "isempty",      "", 1, 1, "t", "isempty(text)", kInt, "CAST({0} IS NULL OR {0} = '' AS BIGINT)", nullptr, {"1 when missing or empty", "欠損または空文字列なら 1"}},
    {string, "isblank",      "", 1, 1, "t", "isblank(text)", kInt, "CAST({0} IS NULL OR trim({0}, chr(32) || chr(9) || chr(10) || chr(13)) = '' AS BIGINT)", nullptr, {"1 when missing, empty or only blanks", "欠損、空文字列、または空白のみなら 1"}},
    {string, "concat",       "", 1, kMany, "t", "concat(text, …)", kText, "concat({*})", nullptr, {"joined texts; missing ones count as empty", "文字列の連結（欠損は空文字列）"}},
    {string, "ltrim",        "", 1, 2, "t", "ltrim(text[, characters])", kText, "ltrim({0}) | ltrim({0}, {1})", nullptr, {"without blanks, or these characters, in front", "先頭の空白または指定文字を除去"}},
    {string, "rtrim",        "", 1, 2, "t", "rtrim(text[, characters])", kText, "rtrim({0}) | rtrim({0}, {1})", nullptr, {"without blanks, or these characters, at the end", "末尾の空白または指定文字を除去"}},
    {string, "trim",         "", 1, 2, "t", "trim(text[, characters])", kText, "trim({0}) | trim({0}, {1})", nullptr, {"without blanks, or these characters, on both sides", "両端の空白または指定文字を除去"}},
    {string, "strlen",       "", 1, 1, "t", "strlen(text)", kInt, "length({0})", nullptr, {"length in characters", "文字数"}},
    {string, "toupper",      "upper", 1, 1, "t", "toupper(text)", kText, "upper({0})", nullptr, {"in capitals", "大文字に変換"}},
    {string, "tolower",      "lower", 1, 1, "t", "tolower(text)", kText, "lower({0})", nullptr, {"in small letters", "小文字に変換"}},
    {string, "substr",       "substring", 2, 3, "tn", "substr(text, start[, length])", kText, "substring({0}, CAST(CASE WHEN {1} < 0 THEN 0 WHEN {1} > 1e9 THEN 1e9 ELSE trunc(CAST({1} AS DOUBLE)) END AS BIGINT) + 1) | substring({0}, CAST(CASE WHEN {1} < 0 THEN 0 WHEN {1} > 1e9 THEN 1e9 ELSE trunc(CAST({1} AS DOUBLE)) END AS BIGINT) + 1, CAST(CASE WHEN {2} < 0 THEN 0 WHEN {2} > 1e9 THEN 1e9 ELSE trunc(CAST({2} AS DOUBLE)) END AS BIGINT))", nullptr, {"part of a text; the first character is number 0", "部分文字列（先頭は 0）"}},
    {string, "replace",      "", 3, 3, "t", "replace(text, old, new)", kText, "replace({0}, {1}, {2})", nullptr, {"every occurrence replaced", "すべての出現箇所を置換"}},
    {string, "regexReplace", "", 3, 3, "tvv", "regexReplace(text, \"regex\", new)", kText, "", build_regex_replace, {"every match replaced", "正規表現に一致する箇所をすべて置換"}},
    {string, "strcontains",  "", 2, 3, "ttb", "strcontains(text, part[, ignore_case])", kInt, "CAST(contains({0}, {1}) AS BIGINT) | CAST(CASE WHEN {2} THEN contains(lower({0}), lower({1})) ELSE contains({0}, {1}) END AS BIGINT)", nullptr, {"1 when the part occurs", "含まれていれば 1"}},
    {string, "startsWith",   "", 2, 2, "t", "startsWith(text, part)", kInt, "CAST(starts_with({0}, {1}) AS BIGINT)", nullptr, {"1 when it begins so", "その文字列で始まれば 1"}},
    {string, "endsWith",     "", 2, 2, "t", "endsWith(text, part)", kInt, "CAST(ends_with({0}, {1}) AS BIGINT)", nullptr, {"1 when it ends so", "その文字列で終われば 1"}},
    {string, "urlencode",    "", 1, 1, "t", "urlencode(text)", kText, "url_encode({0})", nullptr, {"percent-encoded", "パーセントエンコード"}},
    {string, "urldecode",    "", 1, 1, "t", "urldecode(text)", kText, "TRY(url_decode({0}))", nullptr, {"percent-encoding resolved", "パーセントデコード"}},
    {string, "base64encode", "", 1, 1, "t", "base64encode(text)", kText, "to_base64(encode({0}))", nullptr, {"as base64", "Base64 に変換"}},
    {string, "base64decode", "", 1, 1, "t", "base64decode(text)", kText, "TRY(decode(from_base64({0})))", nullptr, {"text from base64; missing when it is none", "Base64 を復号（できなければ欠損）"}},
    {string, "split",        "", 2, 2, "t", "split(text, separator)", kJson, "CAST(to_json(string_split({0}, {1})) AS VARCHAR)", nullptr, {"list of the parts", "分割したリスト"}},
    {string, "hexToAscii",   "", 1, 1, "t", "hexToAscii(text)", kText, "TRY(decode(unhex({0})))", nullptr, {"text from hexadecimal digits", "16 進数の文字列をテキストに変換"}},
    {string, "hexToDec",     "", 1, 1, "t", "hexToDec(text)", kInt, "yagura_hex_number({0})", nullptr, {"number from hexadecimal digits", "16 進数を数値に変換"}},
    {string, "decToHex",     "", 1, 1, "n", "decToHex(number)", kText, "lower(to_hex(TRY_CAST({0} AS BIGINT)))", nullptr, {"hexadecimal digits of a number", "数値を 16 進数に変換"}},

    {hash, "md5",    "", 1, 1, "t", "md5(text)", kText, "md5({0})", nullptr, {"MD5 in hexadecimal", "MD5（16 進数）"}},
    {hash, "sha256", "", 1, 1, "t", "sha256(text)", kText, "sha256({0})", nullptr, {"SHA-256 in hexadecimal", "SHA-256（16 進数）"}},
};

constexpr FunctionRow kAggregates[] = {
    {aggregate, "count",         "", 0, 1, "v", "count(*) · count(value)", kInt, "count(*) | count({0})", nullptr, {"events, or events that have the value", "イベント数（値を指定するとその値を持つイベント数）"}},
    {aggregate, "countDistinct", "count_distinct", 1, 1, "v", "countDistinct(value)", kInt, "count(DISTINCT {0})", nullptr, {"different values, exact", "異なる値の数（正確）"}},
    {aggregate, "sum",           "", 1, 1, "n", "sum(number)", kReal, "", build_sum, {"sum", "合計"}},
    {aggregate, "avg",           "", 1, 1, "n", "avg(number)", kReal, "avg({0})", nullptr, {"mean", "平均"}},
    {aggregate, "min",           "", 1, 1, "v", "min(value)", kSame, "", build_min, {"smallest", "最小値"}},
    {aggregate, "max",           "", 1, 1, "v", "max(value)", kSame, "", build_max, {"largest", "最大値"}},
    {aggregate, "pct",           "percentile", 2, 2, "nv", "pct(number, percent)", kReal, "", build_pct, {"percentile, interpolated", "パーセンタイル（線形補間）"}},
    {aggregate, "stddev",        "", 1, 1, "n", "stddev(number)", kReal, "stddev_pop(CASE WHEN abs(CAST({0} AS DOUBLE)) < 1e150 THEN CAST({0} AS DOUBLE) END)", nullptr, {"standard deviation of the population", "母標準偏差"}},
    {aggregate, "variance",      "", 1, 1, "n", "variance(number)", kReal, "var_pop(CASE WHEN abs(CAST({0} AS DOUBLE)) < 1e150 THEN CAST({0} AS DOUBLE) END)", nullptr, {"variance of the population", "母分散"}},
    {aggregate, "values",        "collect_values", 1, 1, "t", "values(value)", kJson, "CAST(to_json(list_sort(list(DISTINCT {0}) FILTER ({0} IS NOT NULL))) AS VARCHAR)", nullptr, {"list of the different values", "異なる値のリスト"}},
    {event, "earliest",   "", 1, 1, "v", "earliest(value)", kSame, "arg_min({0}, {1})", nullptr, {"value of the earliest event that has one", "値を持つ最も古いイベントの値"}},
    {event, "latest",     "", 1, 1, "v", "latest(value)", kSame, "arg_max({0}, {1})", nullptr, {"value of the latest event that has one", "値を持つ最も新しいイベントの値"}},
    {aggregate, "sortsFirst", "", 1, 1, "v", "sortsFirst(value)", kSame, "", build_sorts_first, {"value that sorts first", "並べ替えで最初になる値"}},
    {aggregate, "sortsLast",  "", 1, 1, "v", "sortsLast(value)", kSame, "", build_sorts_last, {"value that sorts last", "並べ替えで最後になる値"}},
};
// clang-format on

// In Logs Insights, not here yet.
constexpr std::string_view kLater[] = {
    "topk", "rate", "countOverTime", "sumOverTime", "histogram", "unmask"};

bool is_named(const FunctionRow& row, std::string_view name) {
    if (equals_ignore_case(row.name, name)) return true;
    for (const std::string_view alias : split(row.aliases, ' ')) {
        if (!alias.empty() && equals_ignore_case(alias, name)) return true;
    }
    return false;
}

}  // namespace

std::span<const FunctionRow> scalar_functions() {
    return kScalars;
}
std::span<const FunctionRow> aggregate_functions() {
    return kAggregates;
}

const FunctionRow* find_function(std::string_view name) {
    for (const auto rows : {scalar_functions(), aggregate_functions()}) {
        for (const FunctionRow& row : rows) {
            if (is_named(row, name)) return &row;
        }
    }
    return nullptr;
}

std::vector<std::string_view> function_names() {
    std::vector<std::string_view> names;
    for (const auto rows : {scalar_functions(), aggregate_functions()}) {
        for (const FunctionRow& row : rows) {
            names.push_back(row.name);
            for (const std::string_view alias : split(row.aliases, ' ')) {
                if (!alias.empty()) names.push_back(alias);
            }
        }
    }
    return names;
}

bool is_later_function(std::string_view name) {
    for (const std::string_view later : kLater) {
        if (equals_ignore_case(later, name)) return true;
    }
    return false;
}

std::string_view family_name(FunctionRow::Family family) {
    constexpr std::string_view kNames[] = {
        "numeric", "datetime", "general", "json", "ip", "string", "hash", "aggregate", "event"};
    return kNames[static_cast<size_t>(family)];
}

}  // namespace yagura::query
