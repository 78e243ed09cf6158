package ark

// DefaultForm is what a visit is asked until staff made a form of their own.
func DefaultForm() Form {
	return Form{
		Services: []Choice{
			{Code: "knives", Say: Text{Zh: "磨剪刀", En: "Knives and scissors"}},
			{Code: "umbrella", Say: Text{Zh: "修伞", En: "Umbrella repair"}},
			{Code: "haircut", Say: Text{Zh: "理发", En: "Haircut"}},
			{Code: "shoes", Say: Text{Zh: "补鞋", En: "Shoe repair"}},
			{Code: "appliance", Say: Text{Zh: "小家电维修", En: "Small appliances"}},
			{Code: "other", Say: Text{Zh: "其他", En: "Other"}},
		},
		Needs: []Choice{
			{Code: "meals", Say: Text{Zh: "助餐", En: "Meals"}},
			{Code: "medical", Say: Text{Zh: "助医", En: "Medical help"}},
			{Code: "cleaning", Say: Text{Zh: "助洁", En: "Cleaning"}},
			{Code: "bathing", Say: Text{Zh: "助浴", En: "Bathing"}},
			{Code: "repair", Say: Text{Zh: "维修", En: "Repairs at home"}},
			{Code: "company", Say: Text{Zh: "陪伴", En: "Company"}},
			{Code: "policy", Say: Text{Zh: "政策咨询", En: "Questions to the office"}},
			{Code: "other", Say: Text{Zh: "其他", En: "Other"}},
		},
		Notice: Notice{
			Version: 1,
			Say: Text{
				Zh: "我们会记下您家的门牌、今天做了什么、您需要什么，只给街道和社区的工作人员看，用来帮您办事。您可以不同意，也可以随时要我们改正或删除。",
				En: "We write down your door, what was done today and what you need. Only staff of the street office and the community see it, to help you. You may say no, and you may ask us at any time to correct or delete it.",
			},
		},
	}
}
