package hub

import (
	"strconv"
	"strings"
)

// NameMask stands for what is hidden of a name.
const NameMask = "••"

// doubles are the family names of two characters that are met.
var doubles = strings.Fields("欧阳 上官 司马 司徒 诸葛 东方 皇甫 尉迟 公孙 令狐 慕容 夏侯 端木 长孙 宇文 轩辕 申屠 独孤 南宫 西门 呼延 闻人 澹台 濮阳 太史 百里 钟离 鲜于 赫连")

// MaskName leaves of a person's name the family name, as it stands on lists
// that hang at an office: 王••.
func MaskName(s string) string {
	for _, family := range doubles {
		if strings.HasPrefix(s, family) && s != family {
			return family + NameMask
		}
	}
	for _, r := range s {
		return string(r) + NameMask
	}
	return ""
}

// Names masks the names of people who are read of together, so that two of them
// are told apart: 王••, 王••2. Its zero value has seen nobody.
type Names struct {
	masks map[string]string // by name
	many  map[string]int    // by what is left of a name
}

// Mask is MaskName, the same for the same name.
func (n *Names) Mask(name string) string {
	if known, ok := n.masks[name]; ok || name == "" {
		return known
	}
	if n.masks == nil {
		n.masks, n.many = map[string]string{}, map[string]int{}
	}
	mask := MaskName(name)
	n.many[mask]++
	if many := n.many[mask]; many > 1 {
		mask += strconv.Itoa(many)
	}
	n.masks[name] = mask
	return mask
}
