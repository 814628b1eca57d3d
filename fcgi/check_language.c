/* check_language.c: ISO 639-1 as of 2024, and some of ISO 639-3.
 *
 * Of the 7,900 three-letter codes only a few: nearly every three letters are
 * one, and "notes.api.md" is in no language called api.
 */
#include "check_language.h"

#include "lang.h"

static const char CODES[] = " aa ab ae af ak am an ar as av ay az ba be bg bh bi bm bn bo br bs ca "
			    "ce ch co cr cs cu cv cy da de"
			    " dv dz ee el en es et eu fa ff fi fj fo fr fy ga gd gl gn gu gv ha he "
			    "hi ho hr ht hu hy hz id ig ii"
			    " ik is it iu iw ja jv ka kg ki kj kk kl km kn ko kr ks ku kv kw ky la "
			    "lb lg li ln lo lt lu lv mg mh"
			    " mi mk ml mn mr ms mt my na nb nd ne ng nl nn no nr nv ny oc oj om or "
			    "os pa pi pl ps pt qu rm rn ro"
			    " ru rw sa sc sd se sg si sk sl sm sn so sq sr ss st su sv sw ta te tg "
			    "th ti tk tl tn to tr ts tt tw"
			    " ty ug uk ur uz ve vi wa wo xh yi yo za zh zu"
			    " arn ast bho brx ceb chr ckb csb doi dsb eng fil fra fur gsw haw hsb "
			    "ita kab kok lad lij lmo mai mni"
			    " nap nds pap pms sah sat scn spa sgs szl tet tzm vec yue zgh ";

static bool is_listed(struct str code)
{
	char padded[6] = " ";

	if (code.n < 2 || code.n > 3)
		return false;
	memcpy(padded + 1, code.p, code.n);
	padded[1 + code.n] = ' ';
	return strstr(CODES, padded) != NULL;
}

bool check_language_known(struct str tag)
{
	char normal[LANG_LIMIT + 1];

	if (lang_normalise(tag, normal))
		return false;
	struct str rest = str_from(normal);
	if (!is_listed(str_cut(&rest, '-')))
		return false;
	while (rest.n) {
		size_t n = str_cut(&rest, '-').n;
		if (n < 2 || n > 4)
			return false;
	}
	return true;
}
