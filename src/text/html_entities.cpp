// Made by tests/reference/make_html_entities.py with Python 3.11.7.
// clang-format off
#include "text/html_unescape.h"

namespace submask {

const std::string_view html_entity_table =
    "AElig!c6 AMP!26 Aacute!c1 Acirc!c2 Agrave!c0 Alpha:391 And:2a53 Aring!c5 Atilde!c3 Auml!c4 "
    "Beta:392 COPY!a9 Cap:22d2 Ccedil!c7 Chi:3a7 CounterClockwiseContourIntegral:2233 Cup:22d3 "
    "Dagger:2021 Darr:21a1 Delta:394 ETH!d0 Eacute!c9 Ecirc!ca Egrave!c8 Epsilon:395 Eta:397 "
    "Euml!cb ForAll:2200 GT!3e Gamma:393 Gt:226b Iacute!cd Icirc!ce Igrave!cc Int:222c Iota:399 "
    "Iuml!cf Kappa:39a LT!3c Lambda:39b Lang:27ea Larr:219e Lt:226a Mu:39c Not:2aec Ntilde!d1 "
    "Nu:39d OElig:152 Oacute!d3 Ocirc!d4 Ograve!d2 Omega:3a9 Omicron:39f Or:2a54 Oslash!d8 "
    "Otilde!d5 Otimes:2a37 Ouml!d6 Phi:3a6 Pi:3a0 Prime:2033 Psi:3a8 QUOT!22 REG!ae Rang:27eb "
    "Rarr:21a0 Rho:3a1 Scaron:160 Sigma:3a3 Sub:22d0 Sum:2211 Sup:22d1 THORN!de TRADE:2122 Tau:3a4 "
    "Theta:398 Tilde:223c Uacute!da Uarr:219f Ucirc!db Ugrave!d9 Upsilon:3a5 Uuml!dc Xi:39e "
    "Yacute!dd Yuml:178 Zeta:396 aacute!e1^c1 acirc!e2^c2 acute!b4^ aelig!e6^c6 agrave!e0^c0 "
    "alefsym:2135^ alpha:3b1^391 amp!26 and:2227^ ang:2220^ apos:27^ aring!e5^c5 asymp:2248^ "
    "atilde!e3^c3 auml!e4^c4 bdquo:201e^ beta:3b2^392 brvbar!a6^ bull:2022^ cap:2229^ ccedil!e7^c7 "
    "cedil!b8^ cent!a2^ chi:3c7^3a7 circ:2c6^ clubs:2663^ cong:2245^ copy!a9 crarr:21b5^ cup:222a^ "
    "curren!a4^ dArr:21d3 dagger:2020^ darr:2193^ deg!b0^ delta:3b4^394 diams:2666^ divide!f7^ "
    "eacute!e9^c9 ecirc!ea^ca egrave!e8^c8 empty:2205^ emsp:2003^ ensp:2002^ epsilon:3b5^395 "
    "equiv:2261^ eta:3b7^397 eth!f0 euml!eb^cb euro:20ac^ exist:2203^ fjlig:66,6a^46,4a "
    "fnof:192^191 forall:2200^ frac12!bd^ frac14!bc^ frac34!be^ frasl:2044^ gE:2267 gamma:3b3^393 "
    "ge:2265^ gt!3e hArr:21d4 harr:2194^ hearts:2665^ hellip:2026^ iacute!ed^cd icirc!ee^ce "
    "iexcl!a1^ igrave!ec^cc image:2111^ infin:221e^ int:222b^ iota:3b9^399 iquest!bf^ isin:2208^ "
    "iuml!ef^cf kappa:3ba^39a lArr:21d0 lE:2266 lambda:3bb^39b lang:27e8^ laquo!ab^ larr:2190^ "
    "lceil:2308^ ldquo:201c^ le:2264^ lfloor:230a^ lowast:2217^ loz:25ca^ lrm:200e^ lsaquo:2039^ "
    "lsquo:2018^ lt!3c macr!af^ mdash:2014^ micro!b5^39c middot!b7^ minus:2212^ mu:3bc^39c "
    "nabla:2207^ nbsp!a0^ ndash:2013^ ne:2260^ ni:220b^ not!ac^ notin:2209^ nsub:2284^ "
    "ntilde!f1^d1 nu:3bd^39d oacute!f3^d3 ocirc!f4^d4 oelig:153^152 ograve!f2^d2 oline:203e^ "
    "omega:3c9^3a9 omicron:3bf^39f oplus:2295^ or:2228^ ordf!aa^ ordm!ba^ oslash!f8^d8 "
    "otilde!f5^d5 otimes:2297^ ouml!f6^d6 para!b6^ part:2202^ permil:2030^ perp:22a5^ phi:3c6^3a6 "
    "pi:3c0^3a0 piv:3d6^3a0 plusmn!b1^ pound!a3^ prime:2032^ prod:220f^ prop:221d^ psi:3c8^3a8 "
    "quot!22 rArr:21d2 radic:221a^ rang:27e9^ raquo!bb^ rarr:2192^ rceil:2309^ rdquo:201d^ "
    "real:211c^ reg!ae rfloor:230b^ rho:3c1^3a1 rlm:200f^ rsaquo:203a^ rsquo:2019^ sbquo:201a^ "
    "scaron:161^160 sdot:22c5^ sect!a7^ shy!ad^ sigma:3c3^3a3 sigmaf:3c2^3a3 sim:223c^ "
    "spades:2660^ sub:2282^ subE:2ac5 sube:2286^ sum:2211^ sup1!b9^ sup2!b2^ sup3!b3^ sup:2283^ "
    "supE:2ac6 supe:2287^ szlig!df^53,53 tau:3c4^3a4 there4:2234^ theta:3b8^398 thetasym:3d1^398 "
    "thinsp:2009^ thorn!fe tilde:2dc^ times!d7^ trade:2122 uArr:21d1 uacute!fa^da uarr:2191^ "
    "ucirc!fb^db ugrave!f9^d9 uml!a8^ upsih:3d2^ upsilon:3c5^3a5 uuml!fc^dc weierp:2118^ "
    "xi:3be^39e yacute!fd^dd yen!a5^ yuml!ff^178 zeta:3b6^396 zwj:200d^ zwnj:200c^ ";

}  // namespace submask
