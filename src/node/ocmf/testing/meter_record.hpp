// A record that a real meter signed, and keys, as text; data, for tests.
//
// Source: KEBA KCP30, from the examples of the Transparenzsoftware (S.A.F.E. e. V.); the other key,
// on the same curve, is that of RFC 6979, A.2.5.
#pragma once

#include <string_view>

namespace keel::node {

inline constexpr std::string_view kMeterRecord =
    R"(OCMF|{"FV":"1.0","GI":"KEBA_KCP30","GS":"17619300","GV":"2.8.5",)"
    R"("PG":"T32","IS":false,"IL":"NONE","IF":["RFID_NONE","OCPP_NONE",)"
    R"("ISO15118_NONE","PLMN_NONE"],"IT":"NONE","ID":"",)"
    R"("RD":[{"TM":"2019-08-13T10:03:15,000+0000 I","TX":"B","EF":"",)"
    R"("ST":"G","RV":0.2596,"RI":"1-b:1.8.0","RU":"kWh"},)"
    R"({"TM":"2019-08-13T10:03:36,000+0000 R","TX":"E","EF":"",)"
    R"("ST":"G","RV":0.2597,"RI":"1-b:1.8.0","RU":"kWh"}]}|)"
    R"({"SD":"304502200E2F107C987A300AC1695CA89EA149A8CDFA16188AF0A33EE64B67964AA943F9)"
    R"(022100889A72B6D65364BEA8562E7F6A0253157ACFF84FE4929A93B5964D23C4265699"})";

// SubjectPublicKeyInfo in DER, as hexadecimal digits.
inline constexpr std::string_view kMeterKey =
    "3059301306072A8648CE3D020106082A8648CE3D030107034200043AEEB45C392357820A58FDFB"
    "0857BD77ADA31585C61C430531DFA53B440AFBFDD95AC887C658EA55260F808F55CA948DF235C2"
    "108A0D6DC7D4AB1A5E1A7955BE";
inline constexpr std::string_view kOtherMeterKey =
    "3059301306072A8648CE3D020106082A8648CE3D0301070342000460FED4BA255A9D31C961EB74"
    "C6356D68C049B8923B61FA6CE669622E60F29FB67903FE1008B8BC99A41AE9E95628BC64F2F1B2"
    "0C2D7E9F5177A3C294D4462299";

}  // namespace keel::node
