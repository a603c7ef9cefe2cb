// The routes of a server. Each function adds those of one file; `parts` must outlive the table.
#pragma once

#include "serve/api/route_table.h"
#include "serve/api/serve_parts.h"

namespace submask {

void add_predict_routes(RouteTable& table, ServeParts& parts);  // /v1/.../predict
void add_task_routes(RouteTable& table, ServeParts& parts);     // /v1/tasks
void add_server_routes(RouteTable& table, ServeParts& parts);   // /v1/server, /metrics, examples
void add_page_routes(RouteTable& table);                        // /, /page
void add_health_routes(RouteTable& table, ServeParts& parts);   // /v2, /v2/health
void add_model_routes(RouteTable& table, ServeParts& parts);    // /v2/models, /v2/repository
void add_infer_routes(RouteTable& table, ServeParts& parts);    // /v2/models/M/infer
void add_teach_routes(RouteTable& table, ServeParts& parts);    // /v1/teach

}  // namespace submask
