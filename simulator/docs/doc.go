// Package docs is what the admin listener shows under /docs: both OpenAPI documents as a reference that can be tried out, and the
// guides of this repository as pages. It works offline: Swagger UI comes from an embedded Go module and is loaded by these pages
// alone, under a Content-Security-Policy of their own.
//
// A browser may call only the listener that the page comes from, so that calls which are tried out go to /docs/try/cashier and
// /docs/try/admin, and Try hands them on in this process; the public listener knows nothing about it. The console checks logins
// before it calls this package (try, in simulator/console/login.go). /schemas/ serves the JSON Schemas of the files that people write.
package docs
