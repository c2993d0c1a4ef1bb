package main

import (
	"context"
	"fmt"
	"time"

	lua "github.com/yuin/gopher-lua"
	luajson "layeh.com/gopher-json"
)

// What Argo CD gives to a script out of argocd-cm: no string, math or io; of os the clock alone, and that by require.
var libraries = []struct {
	name string
	open lua.LGFunction
}{
	{lua.LoadLibName, lua.OpenPackage},
	{lua.BaseLibName, lua.OpenBase},
	{lua.TabLibName, lua.OpenTable},
}

// The time that Argo CD gives to a script.
const scriptTimeout = time.Second

// runLua returns the table that the script returns for the object, in JSON.
func runLua(script string, object map[string]any) ([]byte, error) {
	state := lua.NewState(lua.Options{SkipOpenLibs: true})
	defer state.Close()
	for _, library := range libraries {
		call := lua.P{Fn: state.NewFunction(library.open), Protect: true}
		if err := state.CallByParam(call, lua.LString(library.name)); err != nil {
			return nil, err
		}
	}
	state.PreloadModule(lua.OsLibName, loadClock)
	ctx, cancel := context.WithTimeout(context.Background(), scriptTimeout)
	defer cancel()
	state.SetContext(ctx)
	state.SetGlobal("obj", luaValue(state, object))
	if err := state.DoString(script); err != nil {
		return nil, err
	}
	returned := state.Get(-1)
	if returned.Type() != lua.LTTable {
		return nil, fmt.Errorf("the script returned a %s, not a table", returned.Type())
	}
	return luajson.Encode(returned)
}

// loadClock leaves os.time and os.date of the library os.
func loadClock(state *lua.LState) int {
	lua.OpenOs(state)
	state.SetGlobal(lua.OsLibName, lua.LNil)
	library := state.CheckTable(-1)
	var others []lua.LValue
	library.ForEach(func(name, _ lua.LValue) {
		if name.String() != "time" && name.String() != "date" {
			others = append(others, name)
		}
	})
	for _, name := range others {
		library.RawSet(name, lua.LNil)
	}
	return 1
}

// luaValue keeps whole numbers numbers, which the library for JSON does not.
func luaValue(state *lua.LState, value any) lua.LValue {
	switch one := value.(type) {
	case bool:
		return lua.LBool(one)
	case string:
		return lua.LString(one)
	case int64:
		return lua.LNumber(one)
	case float64:
		return lua.LNumber(one)
	case []any:
		list := state.CreateTable(len(one), 0)
		for _, item := range one {
			list.Append(luaValue(state, item))
		}
		return list
	case map[string]any:
		table := state.CreateTable(0, len(one))
		for key, item := range one {
			table.RawSetString(key, luaValue(state, item))
		}
		return table
	}
	return lua.LNil
}
