package strict

import (
	"encoding/xml"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"sync"
)

// rule is an element taken apart.
type rule struct {
	kids        []string
	many        []bool // by kid
	free        bool   // in any order
	kinds       map[string]string
	required    []string
	count, some bool
}

var rules = sync.OnceValue(func() map[string]*rule {
	all := map[string]*rule{}
	for name, e := range elements {
		r := &rule{kinds: map[string]string{}, count: e.count, some: e.some}
		for _, k := range strings.Fields(e.kids) {
			if k == "|" {
				r.free = true
				continue
			}
			r.kids = append(r.kids, strings.TrimRight(k, "+*"))
			r.many = append(r.many, strings.ContainsAny(k, "+*"))
		}
		for _, a := range strings.Fields(e.attrs) {
			name, kind, _ := strings.Cut(a, ":")
			if strings.HasSuffix(kind, "!") {
				r.required = append(r.required, name)
			}
			r.kinds[name] = strings.TrimSuffix(kind, "!")
		}
		all[name] = r
	}
	return all
})

// element is what an element of SpreadsheetML may hold.
type element struct {
	kids  string // names in their order; + many, * any number, in any order where the list begins with |
	attrs string // name:type; ! required
	count bool   // @count, where it is there, is the number of children
	some  bool   // a child at least
}

// elements are those that a workbook of ours may have, after ECMA-376 part 1 (transitional),
// clause 18 and annex A. What is not named here is reported, so that it is looked up.
var elements = map[string]element{
	"workbook":     {kids: "fileVersion fileSharing workbookPr workbookProtection bookViews sheets functionGroups externalReferences definedNames calcPr"},
	"fileVersion":  {attrs: "appName:text lastEdited:text lowestEdited:text rupBuild:text codeName:text"},
	"workbookPr":   {attrs: "date1904:bool filterPrivacy:bool defaultThemeVersion:uint codeName:text showObjects:text"},
	"bookViews":    {kids: "workbookView+", some: true},
	"workbookView": {attrs: "xWindow:int yWindow:int windowWidth:uint windowHeight:uint tabRatio:uint firstSheet:uint activeTab:uint visibility:text"},
	"sheets":       {kids: "sheet+", some: true},
	"sheet":        {attrs: "name:text! sheetId:uint! state:visibility"},
	"definedNames": {kids: "definedName+", some: true},
	"definedName":  {attrs: "name:text! localSheetId:uint hidden:bool"},
	"calcPr":       {attrs: "calcId:uint fullCalcOnLoad:bool"},

	"worksheet": {kids: "sheetPr dimension sheetViews sheetFormatPr cols sheetData sheetCalcPr sheetProtection protectedRanges scenarios autoFilter sortState " +
		"dataConsolidate customSheetViews mergeCells phoneticPr conditionalFormatting* dataValidations hyperlinks printOptions pageMargins pageSetup headerFooter " +
		"rowBreaks colBreaks customProperties cellWatches ignoredErrors smartTags drawing legacyDrawing legacyDrawingHF picture oleObjects controls tableParts"},
	"sheetPr":         {kids: "tabColor outlinePr pageSetUpPr", attrs: "filterMode:bool codeName:text enableFormatConditionsCalculation:bool published:bool"},
	"tabColor":        {attrs: "rgb:hex8 theme:uint tint:double indexed:uint auto:bool"},
	"outlinePr":       {attrs: "applyStyles:bool summaryBelow:bool summaryRight:bool showOutlineSymbols:bool"},
	"pageSetUpPr":     {attrs: "autoPageBreaks:bool fitToPage:bool"},
	"dimension":       {attrs: "ref:ref!"},
	"sheetViews":      {kids: "sheetView+", some: true},
	"sheetView":       {kids: "pane selection*", attrs: "workbookViewId:uint! tabSelected:bool showGridLines:bool showZeros:bool rightToLeft:bool zoomScale:uint zoomScaleNormal:uint topLeftCell:cell view:text defaultGridColor:bool showRowColHeaders:bool showFormulas:bool"},
	"pane":            {attrs: "xSplit:double ySplit:double topLeftCell:cell activePane:pane state:panestate"},
	"selection":       {attrs: "pane:pane activeCell:cell activeCellId:uint sqref:refs"},
	"sheetFormatPr":   {attrs: "baseColWidth:uint defaultColWidth:double defaultRowHeight:double! customHeight:bool zeroHeight:bool thickTop:bool thickBottom:bool outlineLevelRow:uint outlineLevelCol:uint"},
	"cols":            {kids: "col+", some: true},
	"col":             {attrs: "min:uint! max:uint! width:double style:uint hidden:bool bestFit:bool customWidth:bool outlineLevel:uint collapsed:bool"},
	"sheetData":       {kids: "row*"},
	"row":             {kids: "c*", attrs: "r:uint! spans:text s:uint customFormat:bool ht:double hidden:bool customHeight:bool outlineLevel:uint"},
	"c":               {kids: "f v is", attrs: "r:cell! s:uint t:celltype"},
	"f":               {attrs: "t:text ref:ref"},
	"v":               {},
	"is":              {kids: "t r*"},
	"t":               {},
	"autoFilter":      {kids: "filterColumn*", attrs: "ref:ref!"},
	"mergeCells":      {kids: "mergeCell+", attrs: "count:uint", count: true, some: true},
	"mergeCell":       {attrs: "ref:ref!"},
	"dataValidations": {kids: "dataValidation+", attrs: "count:uint disablePrompts:bool xWindow:uint yWindow:uint", count: true, some: true},
	"dataValidation": {kids: "formula1 formula2", attrs: "sqref:refs! type:validation errorStyle:errorstyle operator:text allowBlank:bool showDropDown:bool " +
		"showInputMessage:bool showErrorMessage:bool errorTitle:text error:text promptTitle:text prompt:text"},
	"formula1":     {},
	"formula2":     {},
	"printOptions": {attrs: "horizontalCentered:bool verticalCentered:bool headings:bool gridLines:bool gridLinesSet:bool"},
	"pageMargins":  {attrs: "left:double! right:double! top:double! bottom:double! header:double! footer:double!"},
	"pageSetup":    {attrs: "paperSize:uint scale:uint firstPageNumber:uint fitToWidth:uint fitToHeight:uint pageOrder:text orientation:orientation blackAndWhite:bool draft:bool cellComments:text horizontalDpi:uint verticalDpi:uint copies:uint useFirstPageNumber:bool errors:text"},
	"headerFooter": {kids: "oddHeader oddFooter evenHeader evenFooter firstHeader firstFooter", attrs: "differentOddEven:bool differentFirst:bool scaleWithDoc:bool alignWithMargins:bool"},
	"oddHeader":    {}, "oddFooter": {}, "evenHeader": {}, "evenFooter": {}, "firstHeader": {}, "firstFooter": {},
	"rowBreaks":     {kids: "brk+", attrs: "count:uint manualBreakCount:uint", count: true, some: true},
	"colBreaks":     {kids: "brk+", attrs: "count:uint manualBreakCount:uint", count: true, some: true},
	"brk":           {attrs: "id:uint min:uint max:uint man:bool pt:bool"},
	"ignoredErrors": {kids: "ignoredError+", some: true},
	"ignoredError":  {attrs: "sqref:refs! numberStoredAsText:bool formula:bool evalError:bool twoDigitTextYear:bool"},
	"drawing":       {}, "legacyDrawing": {}, "legacyDrawingHF": {},

	"styleSheet": {kids: "numFmts fonts fills borders cellStyleXfs cellXfs cellStyles dxfs tableStyles colors"},
	"numFmts":    {kids: "numFmt+", attrs: "count:uint", count: true, some: true},
	"numFmt":     {attrs: "numFmtId:uint! formatCode:text!"},
	"fonts":      {kids: "font+", attrs: "count:uint knownFonts:bool", count: true, some: true},
	"font":       {kids: "| b i strike condense extend outline shadow u vertAlign sz color name family charset scheme"},
	"b":          {attrs: "val:bool"}, "i": {attrs: "val:bool"}, "strike": {attrs: "val:bool"}, "u": {attrs: "val:text"},
	"sz": {attrs: "val:double!"}, "name": {attrs: "val:text!"}, "family": {attrs: "val:uint!"}, "charset": {attrs: "val:uint!"}, "scheme": {attrs: "val:text!"},
	"color":       {attrs: "rgb:hex8 theme:uint tint:double indexed:uint auto:bool"},
	"fills":       {kids: "fill+", attrs: "count:uint", count: true, some: true},
	"fill":        {kids: "patternFill gradientFill", some: true},
	"patternFill": {kids: "fgColor bgColor", attrs: "patternType:pattern"},
	"fgColor":     {attrs: "rgb:hex8 theme:uint tint:double indexed:uint auto:bool"},
	"bgColor":     {attrs: "rgb:hex8 theme:uint tint:double indexed:uint auto:bool"},
	"borders":     {kids: "border+", attrs: "count:uint", count: true, some: true},
	"border":      {kids: "left right top bottom diagonal vertical horizontal", attrs: "diagonalUp:bool diagonalDown:bool outline:bool"},
	"left":        {kids: "color", attrs: "style:borderstyle"}, "right": {kids: "color", attrs: "style:borderstyle"}, "top": {kids: "color", attrs: "style:borderstyle"},
	"bottom": {kids: "color", attrs: "style:borderstyle"}, "diagonal": {kids: "color", attrs: "style:borderstyle"},
	"cellStyleXfs": {kids: "xf+", attrs: "count:uint", count: true, some: true},
	"cellXfs":      {kids: "xf+", attrs: "count:uint", count: true, some: true},
	"xf":           {kids: "alignment protection", attrs: "numFmtId:uint fontId:uint fillId:uint borderId:uint xfId:uint quotePrefix:bool pivotButton:bool applyNumberFormat:bool applyFont:bool applyFill:bool applyBorder:bool applyAlignment:bool applyProtection:bool"},
	"alignment":    {attrs: "horizontal:horizontal vertical:vertical textRotation:uint wrapText:bool indent:uint relativeIndent:int justifyLastLine:bool shrinkToFit:bool readingOrder:uint"},
	"protection":   {attrs: "locked:bool hidden:bool"},
	"cellStyles":   {kids: "cellStyle+", attrs: "count:uint", count: true, some: true},
	"cellStyle":    {attrs: "name:text xfId:uint! builtinId:uint iLevel:uint hidden:bool customBuiltin:bool"},
	"dxfs":         {kids: "dxf*", attrs: "count:uint", count: true},
	"tableStyles":  {kids: "tableStyle*", attrs: "count:uint defaultTableStyle:text defaultPivotStyle:text", count: true},

	"sst": {kids: "si*", attrs: "count:uint uniqueCount:uint"},
	"si":  {kids: "t r*"},
	"r":   {kids: "rPr t"},
	"rPr": {kids: "| b i strike outline shadow u vertAlign sz color rFont family charset scheme"}, "rFont": {attrs: "val:text!"},

	"comments":    {kids: "authors commentList"},
	"authors":     {kids: "author*"},
	"author":      {},
	"commentList": {kids: "comment*"},
	"comment":     {kids: "text", attrs: "ref:cell! authorId:uint! shapeId:uint"},
	"text":        {kids: "t r*"},
}

// cellRef and rangeRef are ST_CellRef and ST_Ref.
var (
	cellRef  = regexp.MustCompile(`^[A-Z]{1,3}[1-9][0-9]{0,6}$`)
	rangeRef = regexp.MustCompile(`^[A-Z]{1,3}[1-9][0-9]{0,6}(:[A-Z]{1,3}[1-9][0-9]{0,6})?$`)
	hex8     = regexp.MustCompile(`^[0-9A-Fa-f]{8}$`)
)

// words are the enumerations.
var words = map[string]string{
	"visibility": "visible hidden veryHidden", "pane": "bottomRight topRight bottomLeft topLeft", "panestate": "split frozen frozenSplit",
	"celltype": "b n e s str inlineStr", "validation": "none whole decimal list date time textLength custom", "errorstyle": "stop warning information",
	"orientation": "default portrait landscape", "horizontal": "general left center right fill justify centerContinuous distributed",
	"vertical": "top center bottom justify distributed", "borderstyle": "none thin medium dashed dotted thick double hair mediumDashed dashDot mediumDashDot dashDotDot mediumDashDotDot slantDashDot",
	"pattern": "none solid mediumGray darkGray lightGray darkHorizontal darkVertical darkDown darkUp darkGrid darkTrellis lightHorizontal lightVertical lightDown lightUp lightGrid lightTrellis gray125 gray0625",
}

// valid reports whether an attribute's value is of its type.
func valid(kind, value string) bool {
	switch kind {
	case "text":
		return true
	case "bool":
		return value == "0" || value == "1" || value == "true" || value == "false"
	case "uint":
		_, err := strconv.ParseUint(value, 10, 32)
		return err == nil
	case "int":
		_, err := strconv.ParseInt(value, 10, 32)
		return err == nil
	case "double":
		_, err := strconv.ParseFloat(value, 64)
		return err == nil
	case "hex8":
		return hex8.MatchString(value)
	case "cell":
		return cellRef.MatchString(value)
	case "ref":
		return rangeRef.MatchString(value)
	case "refs":
		return value != "" && !slices.ContainsFunc(strings.Split(value, " "), func(s string) bool { return !rangeRef.MatchString(s) })
	}
	return slices.Contains(strings.Fields(words[kind]), value)
}

// element holds a node and all below it to elements.
func (c *checker) element(part string, n *node) {
	r := rules()[n.name]
	if r == nil || n.space != mainNS {
		c.fail(part, "<%s> of %q is not known", n.name, n.space)
		return
	}
	c.attributes(part, n, r)
	c.order(part, n, r)
	if r.some && len(n.kids) == 0 {
		c.fail(part, "<%s> is empty", n.name)
	}
	if count := n.attr("count"); r.count && count != "" && count != strconv.Itoa(len(n.kids)) {
		c.fail(part, "<%s> says %s of %d", n.name, count, len(n.kids))
	}
	for _, k := range n.kids {
		c.element(part, k)
	}
}

func (c *checker) attributes(part string, n *node, r *rule) {
	for _, a := range n.attrs {
		if a.Name.Space != "" {
			continue // r:id, xml:space, mc:Ignorable, xr:uid
		}
		kind, ok := r.kinds[a.Name.Local]
		switch {
		case !ok:
			c.fail(part, "<%s> has an attribute %s", n.name, a.Name.Local)
		case !valid(kind, a.Value):
			c.fail(part, "<%s %s=%q> is no %s", n.name, a.Name.Local, a.Value, kind)
		}
	}
	for _, name := range r.required {
		if !slices.ContainsFunc(n.attrs, func(a xml.Attr) bool { return a.Name.Local == name }) {
			c.fail(part, "<%s> lacks %s", n.name, name)
		}
	}
}

// order checks which children there are, how often, and in which order.
func (c *checker) order(part string, n *node, r *rule) {
	last := -1
	for _, k := range n.kids {
		at := slices.Index(r.kids, k.name)
		switch {
		case at < 0:
			c.fail(part, "<%s> in <%s>", k.name, n.name)
			continue
		case r.free:
		case at < last:
			c.fail(part, "<%s> in <%s> comes too late", k.name, n.name)
		case at == last && !r.many[at]:
			c.fail(part, "<%s> twice in <%s>", k.name, n.name)
		}
		last = at
	}
}
