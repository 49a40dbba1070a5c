-- Each flight once for each factor. A factor without an observation is left out.
with conditions as (
  select 'visibility' as factor, visibility_level as level, status, late
  from staging.flight_weather
  union all
  select 'rain', rain_level, status, late
  from staging.flight_weather
  union all
  select 'wind', wind_level, status, late
  from staging.flight_weather
  union all
  -- `greatest` passes over what is missing, so `any` is known where one factor is.
  select 'any', greatest(visibility_level, rain_level, wind_level), status, late
  from staging.flight_weather
),

levels as (
  select
    factor,
    level,
    count(*) as flights,
    count(*) filter (where status = 'cancelled') as cancelled,
    count(*) filter (where status = 'arrived') as arrived,
    count(*) filter (where late) as late
  from conditions
  where level is not null
  group by factor, level
),

calm as (
  select factor, arrived, late
  from levels
  where level = 0
),

everything as (
  select count(*) filter (where late) as late
  from staging.flight_weather
),

meanings (factor, level, meaning) as (
  values
    ('visibility', 0, '10 miles'),
    ('visibility', 1, '5 miles or more'),
    ('visibility', 2, '1 mile or more'),
    ('visibility', 3, 'less than 1 mile'),
    ('rain', 0, 'none'),
    ('rain', 1, 'under 0.05 inches an hour'),
    ('rain', 2, 'under 0.15 inches an hour'),
    ('rain', 3, '0.15 inches an hour or more'),
    ('wind', 0, 'under 10 miles an hour'),
    ('wind', 1, 'under 20 miles an hour'),
    ('wind', 2, 'under 30 miles an hour'),
    ('wind', 3, '30 miles an hour or more'),
    ('any', 0, 'all calm'),
    ('any', 1, 'worst is 1'),
    ('any', 2, 'worst is 2'),
    ('any', 3, 'worst is 3')
),

measured as (
  select
    l.*,
    l.late - l.arrived * c.late / nullif(c.arrived, 0) as beyond_calm
  from levels as l
  join calm as c on c.factor = l.factor
)

select
  m.factor,
  m.level,
  n.meaning,
  m.flights,
  (100 * m.cancelled / m.flights)::decimal(5, 2) as cancelled_pct,
  m.late,
  (100 * m.late / nullif(m.arrived, 0))::decimal(5, 2) as late_pct,
  m.beyond_calm::decimal(9, 1) as late_beyond_calm,
  (100 * m.beyond_calm / nullif(e.late, 0))::decimal(5, 2) as share_of_late_pct
from measured as m
join meanings as n
  on n.factor = m.factor
  and n.level = m.level
cross join everything as e
